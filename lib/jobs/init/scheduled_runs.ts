import { isS3Address } from "../../storage/open_store.ts";

/** What runs by itself, and when: as systemd and as cron say it. */
export const runs = [
  { job: "backup", what: "Back up databases", often: "every night", calendar: "*-*-* 02:00:00", cron: "0 2 * * *" },
  { job: "drill", what: "Rehearse a restore", often: "every week", calendar: "Sun *-*-* 04:00:00", cron: "0 4 * * 0" },
] as const;

/** Where the configuration is installed: where the program looks for it, too. */
export const configPath = "/etc/pgrehearse/pgrehearse.jsonc";

/** Where variables that a configuration takes values from are kept, as `NAME=value`. */
export const environmentPath = "/etc/pgrehearse/environment";

/** The command line of a job of a host. */
export function commandOf(job: string, program: string): string {
  return `${program} ${job} --config ${configPath}`;
}

/** Where units and cron lines keep what they keep; the default store lies in it. */
const stateDirectory = "/var/lib/pgrehearse";

/** Whether a store is a directory that the administrator has to make first. */
export function isElsewhereOnHost(store: string): boolean {
  return !isS3Address(store) && !`${store}/`.startsWith(`${stateDirectory}/`);
}

/** The image of a Postgres server and its programs, for all platforms. */
export const postgresImage = "postgres:16.10@sha256:21f6013073bc6b92830a2129570e2f5ec42a6c734b5a985a41e83aa58f54c3c1";
