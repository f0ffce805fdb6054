import { cannotConnect } from "../../../postgres/connection/findings/reaching.ts";
import { damageHidden, permissionDenied, rowsHidden } from "../../../postgres/findings/servers.ts";
import {
  clientOlderThanServer,
  pgDumpTooOld,
  pgToolsMissing,
  serverStartFailed,
} from "../../../postgres/findings/tools.ts";
import { bucketMissing } from "../../../storage/s3/findings.ts";
import { defineFindingFamily } from "../../../system/define_finding.ts";
import { cannotWriteFile } from "../../../system/findings.ts";

/** All that `doctor` looks at. */
const prerequisites = [
  "client_programs",
  "server_programs",
  "isolation",
  "throwaway_cluster",
  "free_space",
  "passwords_of_processes",
  "passwords_in_files",
  "connection",
  "server_version",
  "client_against_server",
  "reads_everything",
  "shows_damage",
  "least_privilege",
  "makes_scratch_databases",
  "clock",
  "store",
  "store_writes_and_reads",
  "store_free_space",
  "store_mode",
  "store_public_access",
  "store_versioning",
  "store_encryption",
  "store_retention",
  "store_region",
] as const;

/** One of {@linkcode prerequisites}. */
export type PrerequisiteName = typeof prerequisites[number];

/** The code of what is found about a prerequisite. */
export function codeOf(name: PrerequisiteName): string {
  return `PREREQUISITE_${name.toUpperCase()}`;
}

/** What an examination met that has its own sentence: that sentence, under the prerequisite's code. */
export const prerequisiteProblem = defineFindingFamily({
  codes: prerequisites.map(codeOf),
  codeOf: ({ name }) => codeOf(name),
  means: "fail",
  says: ({ said: { message, fix, detail }, isWarning }: {
    name: PrerequisiteName;
    /** A finding of another room, or an error. */
    said: { message: string; fix: string; detail?: string };
    isWarning?: boolean;
  }) => ({ message, fix, detail, means: isWarning ? "warning" : undefined }),
  examples: [
    {
      name: "client_programs",
      said: pgToolsMissing.installation({
        programs: "pg_dump and pg_restore",
        debianPackage: "postgresql-client",
      }),
    },
    {
      name: "server_programs",
      said: pgToolsMissing.installation({ programs: "initdb and postgres", debianPackage: "postgresql" }),
    },
    {
      name: "throwaway_cluster",
      said: serverStartFailed({
        program: "/usr/lib/postgresql/15/bin/postgres",
        directory: "/tmp/pgrehearse-0c5f24d1a7e84b93",
        log: "FATAL:  could not map anonymous shared memory",
      }),
    },
    { name: "connection", said: cannotConnect.unreachable({ server: "db1:5432", reason: "refused" }) },
    {
      name: "client_against_server",
      said: pgDumpTooOld({ version: "15.18", path: "/usr/lib/postgresql/15/bin/pg_dump", serverMajor: 17 }),
    },
    {
      name: "client_against_server",
      said: clientOlderThanServer({ client: "15.4", server: "15.18", major: 15 }),
      isWarning: true,
    },
    { name: "reads_everything", said: permissionDenied.relations({ names: ["public.orders", "billing.invoices"] }) },
    { name: "reads_everything", said: rowsHidden.relations({ names: ["public.orders"] }) },
    { name: "shows_damage", said: damageHidden({ settings: ["zero_damaged_pages"] }) },
    { name: "store", said: bucketMissing({ bucket: "shop-backups", said: "NoSuchBucket" }) },
    {
      name: "store_writes_and_reads",
      said: cannotWriteFile({ path: "/backups/pgrehearse-probe-7f3c", reason: "permission denied" }),
    },
  ],
});
