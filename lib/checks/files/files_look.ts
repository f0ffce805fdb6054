import { readRegularBytes } from "../../system/regular_file.ts";
import type { Finding, Note } from "../../verdict/verdict.ts";
import { certificateProblems, holdsCertificates } from "./certificate.ts";
import type { ConfiguredFile } from "./configured_file.ts";
import type { Accounts } from "./files_accounts.ts";
import { findFiles, type FoundFile } from "./files_found.ts";
import { isAsRecorded, modeText, type RecordedFile } from "./files_baseline.ts";
import { fileAdded, fileAttributeWrong, fileChanged, fileMissing, fileModeChanged } from "./findings.ts";

/** What a check found about one configured file or directory. */
export interface FilesLook {
  check: string;
  path: string;
  findings: Finding[];
  notes: Note[];
  /** Paths that this user may not read. */
  forbidden: string[];
  /** Paths of which the backup knows nothing. */
  unrecorded: string[];
}

interface FilesLookOptions {
  /** The check's name. */
  check: string;
  root: string | undefined;
  /** By path; absent where contents are not compared. */
  before: Record<string, RecordedFile> | undefined;
  users: Accounts;
  groups: Accounts;
  now: Date;
}

/** Holds a configured file, or every file of a directory, against what was asked and recorded. */
export async function lookAtFile(configured: ConfiguredFile, options: FilesLookOptions): Promise<FilesLook> {
  const { path } = configured;
  const look: FilesLook = { check: options.check, path, findings: [], notes: [], forbidden: [], unrecorded: [] };
  const { root, before } = options;
  const found = await orForbidden(look, path, () => findFiles(path, root));
  if (!found) return look;
  if (found.length === 0) missing(look, path);
  for (const file of found) {
    const { mode, owner, group } = configured;
    if (mode !== undefined && Number.parseInt(mode, 8) !== (file.stat.mode! & 0o7777)) {
      wrong(look, file, "mode", mode.padStart(4, "0"), modeText(file.stat));
    }
    wrongOwner(look, file, "owner", owner, options.users);
    wrongOwner(look, file, "group", group, options.groups);
    await lookAtContent(look, file, configured, options);
  }
  const present = new Set(found.map((file) => file.path));
  for (const known of Object.keys(before ?? {})) {
    if (known.startsWith(`${path.replace(/\/$/, "")}/`) && !present.has(known)) missing(look, known);
  }
  return look;
}

async function lookAtContent(
  look: FilesLook,
  file: FoundFile,
  { path, certificate_key, valid_for }: ConfiguredFile,
  { root, before, now }: FilesLookOptions,
): Promise<void> {
  const content = await orForbidden(look, file.path, () => readRegularBytes(file.realPath));
  if (!content) return;
  const recorded = before?.[file.path];
  const named = { check: look.check, path: file.path };
  if (recorded) {
    if (!await isAsRecorded(content, recorded)) look.findings.push(fileChanged(named));
    if (recorded.mode !== modeText(file.stat)) look.notes.push(fileModeChanged({ ...named, mode: recorded.mode }));
  } else if (before && file.path !== path && Object.keys(before).some((known) => known.startsWith(`${path}/`))) {
    look.notes.push(fileAdded(named));
  } else look.unrecorded.push(file.path);

  const isAsked = file.path === path && (certificate_key !== undefined || valid_for !== undefined);
  if (!isAsked && !holdsCertificates(content)) return;
  const key = certificate_key === undefined ? undefined : await readKey(look, certificate_key, root);
  look.findings.push(...certificateProblems(content, { ...named, now, validForMs: valid_for, key }));
}

async function readKey(look: FilesLook, path: string, root: string | undefined) {
  const content = await orForbidden(look, path, async () => {
    const [file] = await findFiles(path, root);
    if (file?.path !== path) throw new Deno.errors.NotFound(`${path} is not a file`);
    return await readRegularBytes(file.realPath);
  });
  return content && { path, content };
}

/** `undefined` if the file is not there or may not be read; what that means is noted. */
async function orForbidden<T>(look: FilesLook, path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) missing(look, path);
    else look.forbidden.push(path);
    return undefined;
  }
}

function missing(look: FilesLook, path: string): void {
  look.findings.push(fileMissing.restored({ check: look.check, path }));
}

function wrongOwner(
  look: FilesLook,
  file: FoundFile,
  what: "owner" | "group",
  asked: string | undefined,
  all: Accounts,
) {
  const id = what === "owner" ? file.stat.uid! : file.stat.gid!;
  if (asked === undefined || all.idOf(asked) === id) return;
  wrong(look, file, what, asked, all.nameOf(id) ?? String(id));
}

function wrong(
  { check, findings }: FilesLook,
  { path }: FoundFile,
  what: "mode" | "owner" | "group",
  expected: string,
  actual: string,
): void {
  findings.push(fileAttributeWrong({ check, path, what, expected, actual }));
}
