import type { Verdict } from "./verdict.ts";

/** What every job may say of a run besides what the run says of itself. */
type Common = "postgres" | "isolation" | "evidence" | "proof";

type OneBackup = "backup" | "recipient";
type Restoring =
  | "backup"
  | "compared"
  | "covers"
  | "contents"
  | "restored"
  | "checks"
  | "recovery"
  | "reviewed_by"
  | "controls"
  | "post";

/** The sections of a verdict that each command may fill. */
interface Sections {
  backup: OneBackup | "restored";
  drill: Restoring;
  restore: Restoring | "restore_record";
  compare: "backup" | "compared" | "covers";
  manifest: never;
  selftest: "mutations";
  smoke: "pre" | "post";
  verify: keyof Verdict & ("row_count" | "chain_head_hash" | "first_break_id" | "verifier_walked");
  workload: Sections["verify"];
  list: "backups" | "backup_count";
  status: Sections["list"] | Sections["recovery-window"];
  "recovery-window": "recovery" | "recovery_window";
  mark: "mark";
  prune: Sections["list"] | "retention";
  doctor: "prerequisites";
  init: "written";
  keygen: "recipient" | "signing_key";
  history: "history" | "trends" | "evidence_log";
  controls: "control_evidence" | "evidence_log";
  report: never;
  "verify-evidence": never;
}

/** The names of the sections that a command may fill. */
export type SectionOf<Command> = Common | (Command extends keyof Sections ? Sections[Command] : never);

/** Every section that some command fills. */
export type Section = Common | Sections[keyof Sections];
