import type { Finding, Note } from "../../verdict/verdict.ts";
import { certificateProblems, holdsCertificates } from "./certificate.ts";
import type { ConfiguredFile } from "./configured_file.ts";
import type { Accounts } from "./files_accounts.ts";
import { findFiles, type FoundFile } from "./files_found.ts";
import { isAsRecorded, modeText, type RecordedFile } from "./files_record.ts";

/** What was found about one configured file or directory. Messages are without the check's name and the full stop. */
export interface FilesLook {
  path: string;
  findings: Finding[];
  notes: Note[];
  /** Paths that this user may not read. */
  forbidden: string[];
  /** Paths of which the backup knows nothing. */
  unrecorded: string[];
}

export interface FilesLookOptions {
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
  const look: FilesLook = { path, findings: [], notes: [], forbidden: [], unrecorded: [] };
  const { root, before } = options;
  const found = await orForbidden(look, path, () => findFiles(path, root));
  if (!found) return look;
  if (found.length === 0) missing(look, path);
  for (const file of found) {
    const { mode, owner, group } = configured;
    if (mode !== undefined && Number.parseInt(mode, 8) !== (file.stat.mode! & 0o7777)) {
      wrong(look, file, "FILE_MODE_WRONG", "mode", mode.padStart(4, "0"), modeText(file.stat));
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
  const content = await orForbidden(look, file.path, () => Deno.readFile(file.realPath));
  if (!content) return;
  const recorded = before?.[file.path];
  if (recorded) {
    if (!await isAsRecorded(content, recorded)) {
      look.findings.push({
        code: "FILE_CHANGED",
        message: `${file.path} does not hold what it held when the backup was made`,
        fix: "Bring back the file of that moment, or make a new backup if it was changed on purpose.",
        object: file.path,
      });
    }
    if (recorded.mode !== modeText(file.stat)) {
      look.notes.push({
        code: "FILE_MODE_CHANGED",
        message: `${file.path} had the mode ${recorded.mode}`,
        object: file.path,
      });
    }
  } else if (before && file.path !== path && Object.keys(before).some((known) => known.startsWith(`${path}/`))) {
    look.notes.push({ code: "FILE_ADDED", message: `${file.path} was not there`, object: file.path });
  } else look.unrecorded.push(file.path);

  const isAsked = file.path === path && (certificate_key !== undefined || valid_for !== undefined);
  if (!isAsked && !holdsCertificates(content)) return;
  const key = certificate_key === undefined ? undefined : await readKey(look, certificate_key, root);
  const problems = certificateProblems(content, { path: file.path, now, validForMs: valid_for, key });
  look.findings.push(...problems.map((problem) => ({ ...problem, object: file.path })));
}

async function readKey(look: FilesLook, path: string, root: string | undefined) {
  const content = await orForbidden(look, path, async () => {
    const [file] = await findFiles(path, root);
    if (file?.path !== path) throw new Deno.errors.NotFound(`${path} is no file`);
    return await Deno.readFile(file.realPath);
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
  const fix = "Bring it back from where operators keep their files.";
  look.findings.push({ code: "FILE_MISSING", message: `${path} is missing`, fix, object: path });
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
  wrong(look, file, `FILE_${what.toUpperCase()}_WRONG`, what, asked, all.nameOf(id) ?? String(id));
}

function wrong(
  look: FilesLook,
  { path }: FoundFile,
  code: string,
  what: string,
  expected: string,
  actual: string,
): void {
  const message = `${path} has the ${what} ${actual}, and must have ${expected}`;
  const command = { mode: "chmod", owner: "chown", group: "chgrp" }[what];
  look.findings.push({ code, message, fix: `Run ${command} ${expected} on it.`, object: path, expected, actual });
}
