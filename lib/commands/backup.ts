import {
  backupOptions,
  distributionOptions,
  hashValuesOptions,
  requiredValuesOptions,
  rowSecurityOptions,
  selectionOptions,
} from "../options/backup_options.ts";
import { configOptions, shardOptions } from "../options/config_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import { type Declarations, nameOfFlag, type SaidOfOption, type Values } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { withRequiredValues } from "../options/required_values.ts";
import { jobsOptions, outputOptions, programOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { settle, settleTogether, valuesAt } from "../options/settle.ts";
import { storeOptions, toOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { isFlagged } from "./declare_options.ts";
import { chooseConfig, evidenceOf } from "./said.ts";

const description = `Dumps a database and writes a manifest beside the dump. The manifest records
what the database held at the same instant, even while it is written to. It is
written last: a dump without a manifest is unfinished.

If row security filters a role, pgrehearse refuses to back up with it, because
Postgres cannot tell whether any row is hidden. With --enable-row-security it
backs up what the role sees. --require-values then makes the backup fail (exit
2) unless the role sees at least one row with each of these values, such as
every tenant's. This proves that no whole tenant is hidden; it does not prove
that none of its rows are.

The database is the one of --db-url, otherwise of DATABASE_URL, otherwise of
libpq's variables and files. --all-databases backs up every database of that
server as one set. With a configuration, pgrehearse backs up every database in
it and records what its checks compare later. A set is made whole or not at
all.`;

const epilogue = `
Exit status: 0 the backup is complete; 1 it lacks something; 2 no backup.

Example:
  pgrehearse backup --db-url postgresql://localhost/shop --to /var/backups/pg`;

/** What is said of a database, each part of which counts as a whole. */
const countedOptions = { ...distributionOptions, ...requiredValuesOptions } as const satisfies Declarations;
const ownOptions = { ...hashValuesOptions, ...rowSecurityOptions } as const satisfies Declarations;
const { dbUrl } = connectionOptions;
const sourceOptions = { dbUrl, ...selectionOptions, ...countedOptions, ...ownOptions } as const satisfies Declarations;

const options = {
  ...toOptions,
  ...configOptions,
  ...shardOptions,
  ...connectionOptions,
  ...backupOptions,
  jobs: {
    ...jobsOptions.jobs,
    help: "number of sessions that read at the same time; pg_dump's jobs in directory format",
  },
  ...selectionOptions,
  ...storeOptions,
  ...countedOptions,
  ...ownOptions,
  ...evidenceOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...programOptions,
  ...outputOptions,
} as const;

export const backupCommand = defineCommand({
  name: "backup",
  summary: "dump a database and write a manifest of the same instant",
  description,
  epilogue,
  options,
  async run(given) {
    const { command, said } = given;
    const evidence = evidenceOf(given, { signsMore: true });
    const isSaid = isFlagged(command, options.to) || said.dbUrl !== undefined || said.allDatabases === true;
    const path = await chooseConfig(given, { isSaid });
    if (said.excludeDatabases && !said.allDatabases) command.error("error: --exclude-database needs --all-databases");
    if (said.to === undefined && path === undefined) {
      command.error("error: give --to with the place for the backup, or a configuration");
    }
    await runSettled({ ...given, evidence, path }, async (settled) => {
      const { backup } = await import("../jobs/backup/backup.ts");
      const databases = Object.entries(settled.config?.databases ?? {});
      return await backup({
        ...settled,
        ...sourceOf(said),
        to: settled.to ?? "",
        ofDatabases: Object.fromEntries(databases.map(([name, database]) => [name, sourceOf(said, database)])),
      });
    });
  },
});

/** What a job takes of a database, as the command line says it, or the configuration. */
function sourceOf(said: SaidOfOption<typeof sourceOptions>, configured: object = {}) {
  const at = <Group extends Declarations>(group: Group) => valuesAt(group, configured, "databases.*.");
  const { hashValues, enableRowSecurity } = settle(ownOptions, said, at(ownOptions));
  const { distribution = [], requireValues = [] } = settleTogether(countedOptions, said, at(countedOptions));
  return {
    ...settle({ dbUrl }, said, at({ dbUrl })),
    selection: selectionOf(settleTogether(selectionOptions, said, at(selectionOptions))),
    distribution: withRequiredValues(distribution, requireValues).map((wanted) => ({ ...wanted, hashValues })),
    enableRowSecurity,
  };
}

/** As pg_dump takes it. */
function selectionOf(values: Values<typeof selectionOptions>): string[] {
  return Object.entries(selectionOptions).flatMap(([name, option]) =>
    (values[name as keyof typeof values] ?? []).map((pattern) => `${nameOfFlag(option)}=${pattern}`)
  );
}
