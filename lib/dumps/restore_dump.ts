import { basename } from "node:path";
import type { ArchiveContents } from "../postgres/archive_contents.ts";
import { dumpTooNew } from "../postgres/findings/dumps.ts";
import type { RestoreResult } from "../postgres/pg_restore.ts";
import { rolesInStatement } from "../postgres/plain/roles_in_sql.ts";
import { makeSqlReader } from "../postgres/plain/sql_reader.ts";
import { measuringRestore } from "../postgres/progress/restore_progress.ts";
import { errorsInLog, errorsPassedOn, type ServerError } from "../postgres/server_errors.ts";
import type { Job } from "../run/job.ts";
import { is } from "../system/define_finding.ts";
import { makeDisposableTarget } from "../targets/disposable_target.ts";
import { extensionNotCreated, preloadMissing } from "../targets/findings.ts";
import type { DisposableOptions, RestoreTarget } from "../targets/target.ts";
import type { Wanted } from "../targets/wanted.ts";
import type { Finding } from "../verdict/verdict.ts";
import { restoredInOneSession } from "./findings.ts";
import { type PreparedDump, prepareDump } from "./prepare_dump.ts";
import { restoreArchive, type RestoreDumpOptions } from "./restore_archive.ts";
import { reportRestore } from "./restore_errors/report_restore.ts";
import { type RestoredDump, restorePlainDump } from "./restore_plain_dump.ts";

/**
 * Restores a dump of whatever format, and records what was said of it, as {@linkcode reportRestore} does.
 *
 * @param dump Its path, unless it was prepared already.
 * @returns Where its databases are, and what it brought to them.
 */
export async function restoreDump(
  job: Job,
  dump: string | PreparedDump,
  target: RestoreTarget,
  options: RestoreDumpOptions,
): Promise<RestoredDump> {
  const { measure, expected, extra = [] } = options;
  const prepared = typeof dump === "string" ? await prepareDump(job, dump) : dump;
  const inOneTransaction = extra.includes("--single-transaction");
  const attempt = async (jobs: number) => {
    const logStart = await target.cluster?.endOfLog() ?? 0;
    const restore = () => runRestore(job, prepared, target, { ...options, jobs });
    // A session that looks on would keep a dump of many databases from making some of them.
    const result = measure && !prepared.survey?.connects
      ? await measuringRestore(target.parameters, { expected, inOneTransaction, measure }, restore)
      : await restore();
    const log = await target.cluster?.readLog(logStart);
    const errors = result.errors ?? (log === undefined ? errorsPassedOn(result.stderr) : errorsInLog(log));
    return { ...result, stderr: result.stderr.replaceAll(prepared.path, prepared.shown), errors, log };
  };
  let outcome = await attempt(options.jobs);
  if (outcome.status !== 0 && outcome.isParallel && target.renew && mayDependOnOrder(outcome.errors)) {
    await target.renew();
    outcome = await attempt(1);
    if (outcome.status === 0) job.note(restoredInOneSession());
  }
  if (outcome.status !== 0) requireOldEnough(prepared, target, outcome.stderr.trim());
  reportRestore(job, outcome);
  return outcome.restored;
}

/**
 * Several sessions load tables in any order, one in the dump's: a trigger, CHECK or key may see rows that come later, and a
 * role that passes on a right may still lack the one to the schema.
 */
function mayDependOnOrder(errors: ServerError[] | undefined): boolean {
  const words =
    /violates (foreign key|check|not-null|unique|exclusion)|deadlock detected|canceling statement due to lock|permission denied/;
  return errors === undefined ||
    errors.some(({ sqlstate, message, context = "" }) =>
      sqlstate === undefined
        ? words.test(message) || /\bfunction\b/.test(context)
        : /^(23|21|P0|40|55P03|42501)/.test(sqlstate)
    );
}

async function runRestore(
  job: Job,
  dump: PreparedDump,
  target: RestoreTarget,
  options: RestoreDumpOptions,
): Promise<RestoreResult & { restored: RestoredDump }> {
  const { path, format, survey, contents } = dump;
  if (survey) return await restorePlainDump(job, { ...dump, survey }, target);
  if (contents) await target.makeRoles?.(rolesOfArchive(contents));
  const result = await restoreArchive(job, path, target, { ...options, jobs: format === "tar" ? 1 : options.jobs });
  const name = contents?.database ?? basename(dump.shown);
  return { ...result, restored: { databases: [{ name, parameters: target.parameters }], copied: [] } };
}

/** Settings that only a newer server knows are not the dump's fault. */
function requireOldEnough({ shown, survey }: PreparedDump, { tools }: RestoreTarget, said: string): void {
  if (survey?.dumpMajor === undefined || survey.dumpMajor <= tools.major) return;
  throw dumpTooNew.sql.error({ path: shown, dumpMajor: survey.dumpMajor, major: tools.major, said });
}

/** What pg_restore makes for a role by name, also without owners and grants. */
const naming = new Set(["POLICY", "USER MAPPING"]);

/** Names the roles without which an archive does not restore. */
function rolesOfArchive({ entries }: ArchiveContents): string[] {
  const roles = new Set<string>();
  for (const { kind, definition } of entries) {
    if (!naming.has(kind)) continue;
    for (const part of makeSqlReader().read(new TextEncoder().encode(definition), true)) {
      if (part.kind === "statement") { for (const role of rolesInStatement(part.text)) roles.add(role); }
    }
  }
  return [...roles];
}

/**
 * Restores a dump somewhere disposable. Where something in it says that it must be preloaded, and nothing said so before,
 * a throwaway cluster is made once more, with a server that preloads it.
 */
export async function restoreInto(
  job: Job,
  dump: PreparedDump,
  options: DisposableOptions & { jobs: number },
  wanted: Wanted,
  expected: RestoreDumpOptions["expected"],
): Promise<{ target: RestoreTarget; restored: RestoredDump }> {
  const { preload = { libraries: [], settings: [] } } = wanted;
  const target = await makeDisposableTarget(job, options, wanted);
  try {
    const restored = await job.phase(
      "restore",
      async (measure) => {
        const ownersAndGrants = target.keepsGrants;
        const restored = await restoreDump(job, dump, target, {
          jobs: options.jobs,
          expected,
          measure,
          ownersAndGrants,
        });
        await target.settleGrants?.();
        return restored;
      },
    );
    return { target, restored };
  } catch (error) {
    const further = librariesIn(error).filter((name) => !preload.libraries.includes(name));
    if (!target.cluster || further.length === 0) throw error;
    job.say(`restoring again, with ${further.join(", ")} preloaded`);
    const libraries = [...preload.libraries, ...further];
    return await restoreInto(job, dump, options, { ...wanted, preload: { ...preload, libraries } }, expected);
  }
}

/** The libraries that a restore lacks, if it lacks nothing else. */
function librariesIn(error: unknown): string[] {
  if (!(error instanceof AggregateError)) return [];
  const lacks: unknown[] = error.errors;
  // Why an extension could not be made is known to itself alone; its library is called as it is.
  if (!lacks.every((each) => is(each, preloadMissing, extensionNotCreated))) return [];
  return lacks.flatMap((each) => ((each as Error).cause as Finding).object?.toLowerCase().split(", ") ?? []);
}
