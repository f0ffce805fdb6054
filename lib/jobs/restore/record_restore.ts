import { isSubset } from "../../manifest/subset.ts";
import { asFinding, isOneOf } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { Job } from "../../run/job.ts";
import { mapsRoles } from "../../options/role_mapping.ts";
import { stopped } from "./findings/outcome.ts";
import type { IncidentRecord, RecordKeeper } from "./incident_record.ts";
import type { RestoreOptions, TargetServer } from "./restore_target.ts";

/** Begins the record, before anything happens. */
export async function beginRecord(
  options: RestoreOptions,
  target: TargetServer,
  backup: IncidentRecord["backup"],
): Promise<IncidentRecord> {
  const started = new Date();
  const { present } = target;
  return {
    schema: "pgrehearse.restore/v1",
    state: "started",
    mode: options.mode,
    ...(isSubset(options.subset) && { is_part: true as const }),
    ...(options.mapping && mapsRoles(options.mapping) && {
      mapped_roles: { owner: options.mapping.owner, roles: Object.fromEntries(options.mapping.roles) },
    }),
    operator: options.operator,
    approved_by: options.approvedBy,
    reason: options.reason,
    started_at: started.toISOString(),
    backup,
    target: { server: target.address, database: target.name, system_identifier: target.systemIdentifier },
    ...(present && { before: { tables: present.tables, size_bytes: present.sizeBytes } }),
    data_loss_window: await dataLossWindow(target, backup.snapshot_at ?? started.toISOString(), started),
    renamed: [],
    phases: [],
    findings: [],
  };
}

/** Servers that keep commit times know when the last write was; of others only that it was before the restore. */
async function dataLossWindow(
  { admin }: TargetServer,
  from: string,
  started: Date,
): Promise<IncidentRecord["data_loss_window"]> {
  const [{ at }] = await admin<{ at: Date | null }[]>`
    SELECT CASE WHEN current_setting('track_commit_timestamp')::boolean
      THEN (SELECT timestamp FROM pg_last_committed_xact()) END AS at`;
  const to = at ?? started;
  return {
    from,
    to: to.toISOString(),
    seconds: Math.max(0, Math.round((to.getTime() - new Date(from).getTime()) / 1000)),
    known_by: at ? "last_commit" : "start_of_restore",
  };
}

/** Completes the record with the verdict; if it cannot be written, the verdict says so. */
export async function finishRecord(
  job: Pick<Job, "leaveOpen">,
  record: IncidentRecord,
  keeper: RecordKeeper,
  verdict: Verdict,
): Promise<void> {
  for (const finding of verdict.findings) {
    if (isOneOf(finding, stopped)) Object.assign(finding, stopped({ found: finding, ...leftBy(record) }));
  }
  Object.assign(record, {
    state: "finished",
    verdict: verdict.verdict,
    finished_at: verdict.finished_at,
    phases: verdict.phases,
    findings: verdict.findings,
    ...(verdict.compared && { compared: verdict.compared }),
  });
  try {
    await keeper.write(record);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    job.leaveOpen(asFinding(error));
  }
}

/** What is there after a restore that was stopped. */
function leftBy({ target, before, renamed, restored_database: restored, mode }: IncidentRecord) {
  return {
    database: target.database,
    restored,
    keptAs: before?.kept_as,
    safetyBackup: before?.safety_backup,
    isSwapped: renamed.some(({ to }) => to === target.database),
    isInPlace: mode === "in_place",
  };
}
