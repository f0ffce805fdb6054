import type { JobOptions } from "../../run/job.ts";

/** What `init` writes besides the configuration. */
export const schedulers = ["systemd", "cron", "github", "kubernetes"] as const;

export type Scheduler = typeof schedulers[number];

export interface InitOptions extends JobOptions {
  /** Where the files go; made if it is not there. */
  outputDir: string;
  /** A database, or a server for several. Its password is not written anywhere. */
  dbUrl?: string;
  /** The databases' names. @default {the one of dbUrl} */
  databases: readonly string[];
  /** A directory, or s3://bucket/prefix. */
  store: string;
  /** Whom backups are encrypted for, as age1…. */
  recipients: readonly string[];
  /** Such as `1h`. */
  rto: string;
  rpo: string;
  schedulers: ReadonlySet<Scheduler>;
  /** Where the program is installed on the host that units and cron lines are for. */
  program: string;
  /** For Kubernetes. */
  image: string;
  /** Among how many pods of Kubernetes the databases are shared out. */
  shards: number;
}
