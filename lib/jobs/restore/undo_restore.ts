import { renameDatabases, type Renaming } from "../../postgres/rename_databases.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { bodyOf } from "../../storage/store.ts";
import type { IncidentRecord } from "./incident_record.ts";
import { requireTyped } from "./ask_for_name.ts";
import { undone } from "./findings/outcome.ts";
import { findRecord } from "./find_record.ts";
import { requireAuthority } from "./restore_guard.ts";
import { type Authority, reachTarget, type RestoreOptions, type TargetServer } from "./restore_target.ts";
import type { JobOptions } from "../../run/job.ts";

/** Which swap to undo. */
interface UndoOptions
  extends
    JobOptions,
    Authority,
    Pick<RestoreOptions, "targetUrl" | "env" | "waitMs" | "terminateConnections" | "store" | "from"> {
  /** The incident record of the restore, as JSON, in a directory or bucket; else the one in `from` that fits. */
  undo?: string;
}

/** Gives databases the names back that they had before a restore exchanged them. Nothing is dropped. */
export function undoRestore(options: UndoOptions): Promise<Verdict> {
  return runJob("restore", options, async (job) => {
    const target = await job.phase("preflight", () => reachTarget(job, options));
    job.record({ postgres: { server: target.server.version, target: "named" } });
    const { admin, name: own } = target;
    const { record, store, name, path } = await job.phase(
      "fetch",
      () => findRecord(job, { ...options, record: options.undo }, (record) => misfit(record, target)),
    );
    job.record({ restore_record: path });
    await requireAuthority(target, options);
    const renamings: Renaming[] = record.renamed.toReversed().map(({ from, to }) => ({ from: to, to: from }));
    const exchange = renamings.map(({ from, to }) => `${from} to ${to}`).join(", ");
    await requireTyped(options, target, `Renames on ${target.address}: ${exchange}.`);
    await job.phase("rename", () => renameDatabases(admin, renamings, options.terminateConnections ?? false));
    const ended = {
      ...record,
      renamed: [],
      undone_at: new Date().toISOString(),
      undone_by: { operator: options.operator, approved_by: options.approvedBy, reason: options.reason },
    };
    await store.write(name, bodyOf(JSON.stringify(ended, null, 2) + "\n"));
    const restored = renamings.find(({ from }) => from === own)?.to;
    const isBack = renamings.some(({ to }) => to === own);
    job.note(undone({ database: own, isBack, restored }));
    const found = await admin<{ datname: string }[]>`SELECT datname FROM pg_database`;
    const present = new Set(found.map(({ datname }) => datname));
    job.expect("databases_renamed_back", {
      expected: renamings.length,
      actual: renamings.filter(({ to }) => present.has(to)).length,
    });
  });
}

const moment = /_\d{8}T\d{6}Z(_\d+)?$/;

/** Why a record is not of the exchange that made what is there now. */
async function misfit(record: IncidentRecord, { admin, name, systemIdentifier }: TargetServer) {
  const { renamed, target } = record;
  if (target.system_identifier !== systemIdentifier) return "it is about another server";
  if (target.database !== name) return `it is of the database ${target.database}`;
  if (renamed.length === 0) return "that restore exchanged no names, or was undone already";
  // Only the two names that a swap exchanges: away from the target's, and to it.
  const away = renamed.filter(({ from }) => from === name);
  const to = renamed.filter((each) => each.to === name);
  const isOurs = away.length <= 1 && to.length <= 1 && away.length + to.length === renamed.length &&
    away.every((each) => /_(before|in_place)_/.test(each.to) && moment.test(each.to)) &&
    to.every((each) => moment.test(each.from) && each.from.includes("_restored_"));
  if (!isOurs) return "it renames what no swap renames";
  const databases = await admin<
    { name: string; oid: number }[]
  >`SELECT datname AS name, oid::int8::int4 AS oid FROM pg_database`;
  const oids = new Map(databases.map(({ name, oid }) => [name, oid]));
  for (const each of renamed) {
    if (oids.get(each.to) !== each.oid) return `${each.to} is not the database that it was then`;
  }
  const isTaken = (old: string) => oids.has(old) && !renamed.some(({ to }) => to === old);
  const taken = renamed.find(({ from }) => isTaken(from));
  return taken && `there is another database ${taken.from} now`;
}
