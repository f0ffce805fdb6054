import { Command, Option } from "@commander-js/extra-typings";
import { chooseConfig, configOption, shardOption } from "./config_options.ts";
import { evidenceOf, evidenceOption, signingKeyOption } from "./evidence_options.ts";
import type { Execute } from "./execute.ts";
import { collect } from "./option_values.ts";
import {
  dbUrlOption,
  debugOption,
  distributionOption,
  enableRowSecurityOption,
  hashValuesOption,
  jobsOption,
  lockTimeoutOption,
  pgBinOption,
  quietOption,
  timeoutOption,
  waitOption,
} from "./options.ts";
import { backupOptions, sourceOptions } from "../options/backup_options.ts";
import { declaredOption } from "./declared_option.ts";
import { withRequiredValues } from "../options/required_values.ts";
import {
  encryptOption,
  endpointOption,
  regionOption,
  sseKmsKeyIdOption,
  sseOption,
  storageClassOption,
  tagOption,
  tagsOf,
} from "./store_options.ts";

const description = `Dumps a database, and beside the dump writes its manifest: what the database
held at the very instant of the dump, although it was being written to the
whole time. The manifest is written last: a dump without one is unfinished.

A role that row security filters is refused, though its policies may let every
row through: Postgres cannot tell. --enable-row-security goes on with what the
role sees; --require-values then makes it no backup (exit 2) unless it sees at
least one row with each of the values, such as every tenant's. That shows that
no tenant is hidden as a whole; it does not show that none of its rows are.

The database is --db-url, else DATABASE_URL, else what libpq's variables and
files say. --all-databases backs up every database of that server as one set.
With a configuration, every database that it names is backed up, and what its
checks want to compare later is recorded: a backup set, all of it or
nothing.`;

const epilogue = `
Exit status: 0 the backup is complete; 1 it lacks something; 2 could not do it.

Example:
  pgrehearse backup --db-url postgresql://localhost/shop --to /var/backups/pg`;

export function backupCommand(execute: Execute) {
  return new Command("backup")
    .summary("dump a database, with a manifest of the same instant")
    .description(description)
    .addOption(new Option("--to <store>", "the directory, or s3://bucket/prefix, to write it to"))
    .addOption(configOption())
    .addOption(shardOption())
    .addOption(dbUrlOption())
    .addOption(
      new Option("--all-databases", "every database of the server, as a backup set with its roles and settings")
        .conflicts([
          "config",
          "shard",
          "distribution",
          "requireValues",
          "schema",
          "excludeSchema",
          "table",
          "excludeTable",
          "excludeTableData",
        ]),
    )
    .addOption(
      new Option(
        "--exclude-database <pattern>",
        "with --all-databases: leave out databases that match; may be repeated",
      )
        .argParser(collect),
    )
    .addOption(declaredOption(backupOptions.format))
    .addOption(jobsOption("sessions that read at the same time; pg_dump's jobs in directory format"))
    .addOption(declaredOption(sourceOptions.schema))
    .addOption(declaredOption(sourceOptions.exclude_schema))
    .addOption(declaredOption(sourceOptions.table))
    .addOption(declaredOption(sourceOptions.exclude_table))
    .addOption(declaredOption(sourceOptions.exclude_table_data))
    .addOption(encryptOption())
    .addOption(
      new Option(
        "--with-password-hashes",
        "keep hashes of roles' passwords as well, in a file of its own; needs --encrypt",
      ),
    )
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(sseOption())
    .addOption(sseKmsKeyIdOption())
    .addOption(storageClassOption())
    .addOption(tagOption())
    .addOption(distributionOption())
    .addOption(hashValuesOption())
    .addOption(enableRowSecurityOption())
    .addOption(declaredOption(sourceOptions.require_values))
    .addOption(lockTimeoutOption())
    .addOption(evidenceOption())
    .addOption(signingKeyOption())
    .addOption(timeoutOption())
    .addOption(waitOption())
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async (all, command) => {
      const {
        wait,
        lockTimeout,
        timeout,
        distribution = [],
        requireValues = [],
        hashValues = false,
        config,
        evidence,
        signingKey,
        ...options
      } = all;
      const kept = evidenceOf({ ...options, evidence, signingKey }, command, { signsMore: true });
      const isSaid = options.to !== undefined || options.dbUrl !== undefined ||
        options.allDatabases === true;
      const choice = await chooseConfig(command, config, { isSaid });
      if (options.excludeDatabase && !options.allDatabases) {
        command.error("error: --exclude-database needs --all-databases");
      }
      if (options.to === undefined && choice.config === undefined) {
        command.error("error: say where the backup goes with --to, or name a configuration");
      }
      return await execute(options, async (job) => {
        const { backup } = await import("../jobs/backup/backup.ts");
        const { schema, excludeSchema, table, excludeTable, excludeTableData, excludeDatabase, ...others } = options;
        const { encrypt: recipients, region, endpoint, sse, sseKmsKeyId, storageClass, tag, ...rest } = others;
        const selection = Object.entries({ schema, excludeSchema, table, excludeTable, excludeTableData })
          .flatMap(([name, patterns = []]) => patterns.map((pattern) => `--${kebab(name)}=${pattern}`));
        return await backup({
          ...job,
          ...rest,
          ...choice,
          evidence: kept,
          signingKey,
          to: options.to ?? "",
          selection,
          excludeDatabases: excludeDatabase,
          recipients,
          store: { region, endpoint, sse, sseKmsKeyId, storageClass, tags: tagsOf(tag) },
          distribution: withRequiredValues(distribution, requireValues).map((wanted) => ({ ...wanted, hashValues })),
          env: Deno.env.toObject(),
          waitMs: wait,
          lockTimeoutMs: lockTimeout,
          timeoutMs: timeout,
        });
      });
    });
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
