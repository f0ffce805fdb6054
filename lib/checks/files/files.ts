import { z } from "zod";
import { inParallel } from "../../system/in_parallel.ts";
import { type OperatorError, reasonOf } from "../../system/operator_error.ts";
import { type CheckResult, defineCheck } from "../check.ts";
import type { ConfiguredFile } from "./configured_file.ts";
import { readAccounts } from "./files_accounts.ts";
import { recordedFilesSchema, recordFile } from "./files_baseline.ts";
import { findFiles } from "./files_found.ts";
import { type FilesLook, lookAtFile } from "./files_look.ts";
import { fileMissing, filesNotRecorded, fileUnreadable, noFilesConfigured } from "./findings.ts";

const shape = {
  paths: z.array(z.string().min(1)).min(1).optional().describe(
    "Which files or directories. Default: all files of the configuration, with their settings there.",
  ),
  root: z.string().min(1).optional().describe(
    "A directory to put before every path, and before / in links: the place of restored files on the drill's host. Paths " +
      "are recorded without it.",
  ),
  content: z.enum(["recorded", "any"]).default("recorded").describe(
    "recorded: each file has the same content as at backup time; without a record in the backup the check does not run. " +
      "any: any content.",
  ),
};

/** How many files are read and hashed at the same time. */
const filesAtOnce = 4;

export const filesCheck = defineCheck({
  kind: "files",
  summary: "Files exist, with their mode and owner, unchanged since backup time. Certificates are valid.",
  shape,
  async baseline({ paths }, { files, signal }) {
    const [users, groups] = await Promise.all([readAccounts("passwd"), readAccounts("group")]);
    const found = (await Promise.all(
      chosenFiles(files, paths).map(async ({ path }) => {
        try {
          return await findFiles(path);
        } catch (error) {
          throw cannotRecord(path, error as Error);
        }
      }),
    )).flat();
    const recorded = await inParallel(found, filesAtOnce, async (file) => {
      signal.throwIfAborted();
      try {
        return [file.path, await recordFile(file, { users, groups })] as const;
      } catch (error) {
        throw cannotRecord(file.path, error as Error);
      }
    });
    return Object.fromEntries(recorded);
  },
  async run({ name, paths, root, content }, { files, recorded, startedAt, signal }): Promise<CheckResult> {
    const chosen = chosenFiles(files, paths);
    const [users, groups] = await Promise.all([readAccounts("passwd", root), readAccounts("group", root)]);
    const before = recorded === undefined || content === "any" ? undefined : recordedFilesSchema.parse(recorded);
    const looks: FilesLook[] = await inParallel(chosen, filesAtOnce, (file) => {
      signal.throwIfAborted();
      return lookAtFile(file, { check: name, root, before, users, groups, now: startedAt });
    });
    const findings = looks.flatMap(({ findings }) => findings);
    const isWrong = findings.some(({ severity }) => severity !== "warning");
    const forbidden = looks.flatMap(({ forbidden }) => forbidden);
    if (!isWrong && forbidden.length > 0) throw fileUnreadable.restored.error({ paths: forbidden });
    const unknown = content === "any" ? [] : looks.flatMap(({ unrecorded }) => unrecorded);
    if (!isWrong && unknown.length > 0) throw filesNotRecorded.error({ paths: unknown });
    return {
      assertions: looks.map(({ path, findings, forbidden }) => {
        const codes = findings.filter(({ severity }) => severity !== "warning").map(({ code }) => code);
        const all = [...codes, ...forbidden.map(() => fileUnreadable.code)];
        return { name: path, ok: all.length === 0, expected: "as configured", actual: all[0] ?? "as configured" };
      }),
      findings,
      notes: looks.flatMap(({ notes }) => notes),
    };
  },
});

function chosenFiles(files: readonly ConfiguredFile[], paths: string[] | undefined): readonly ConfiguredFile[] {
  const chosen = paths?.map((path) => files.find((file) => file.path === path) ?? { path }) ?? files;
  if (chosen.length > 0) return chosen;
  throw noFilesConfigured.error();
}

function cannotRecord(path: string, error: Error): OperatorError {
  return error instanceof Deno.errors.NotFound
    ? fileMissing.recorded.error({ path }, { cause: error })
    : fileUnreadable.recorded.error({ path, reason: reasonOf(error) }, { cause: error });
}
