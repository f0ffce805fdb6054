import { Command } from "@commander-js/extra-typings";
import type { Config } from "../config/read_config.ts";

import { configOptions } from "../options/config_options.ts";
import { targetOptions } from "../options/connection_options.ts";
import type { Declarations, Said } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/output_options.ts";
import { parseRoleMapping, type RoleMapping } from "../options/role_mapping.ts";
import { authorityOptions, restoreOptions, reviewOptions } from "../options/restore_options.ts";
import { identityOptions, jobsOptions, programOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { settle, valuesAt } from "../options/settle.ts";
import { reachOptions, whichOptions } from "../options/store_options.ts";
import { ask } from "./ask.ts";
import { chooseConfig, runConfigured } from "./run_configured.ts";
import { declareOptions, isFlagged, readSaid } from "./declare_options.ts";
import { evidenceOf } from "./said_evidence.ts";
import type { Execute } from "./execute.ts";

const description = `Brings a database back, compares it with the backup's manifest, and writes an
incident record beside the backup. The target is the database of --target-url.

Nothing that exists is touched, unless it is said: the backup is restored into
a new database NAME_restored_TIME. With --swap the names are exchanged once it
compares exactly, and the old one is kept as NAME_before_TIME. With --in-place
the database itself is overwritten, whole or not at all.

Replacing a database that holds something needs --operator, --approved-by,
--reason, the target's name in --confirm, nobody connected to it, and makes a
safety backup of it first. So does --promote, which puts a database in place
that was restored beside; --undo exchanges the names again. Both take the record
of that restore, or find it in the store of --from.

With a configuration, every database that it names is brought back, and its
steps are followed in their order.`;

const epilogue = `
Exit status: 0 it is back, exactly; 1 something differs; 2 refused or failed.

Example:
  pgrehearse restore --latest --from /var/backups/pg --target-url postgresql://localhost/shop`;

const options = {
  ...targetOptions,
  ...configOptions,
  ...reviewOptions,
  ...whichOptions,
  ...identityOptions,
  ...reachOptions,
  ...restoreOptions,
  ...authorityOptions,
  jobs: { ...jobsOptions.jobs, help: "tables and indexes restored, and tables compared, at the same time" },
  ...evidenceOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...programOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function restoreCommand(execute: Execute) {
  const command = new Command("restore")
    .summary("bring a database back: beside what is there, or in its place")
    .description(description)
    .argument("[backup]", "the dump, its manifest, or a name in --from as list prints it")
    .addHelpText("after", epilogue)
    .action(async (backup, _, command) => {
      const said = readSaid(command, options);
      const { undo, promote, swap, inPlace, schemas = [], tables = [], targetUrl = "" } = said;
      const earlier = undo ?? promote;
      const isSaid = backup !== undefined || earlier !== undefined || isFlagged(command, options.from) ||
        said.allDatabases === true;
      const path = await chooseConfig(command, said, { isSaid });
      if (earlier === true && said.from === undefined) {
        command.error("error: name the record of the restore, or with --from the store that holds it");
      }
      const mapping = mappingOf(said.mapRoles, said.owner, (problem) => command.error(`error: ${problem}`));
      if (mapping && said.roles === "skip") {
        command.error(
          "error: --roles skip restores no owners and grants: there is nothing that --map-role or --owner could map",
        );
      }
      if (mapping && earlier !== undefined) {
        command.error("error: --promote and --undo take --map-role and --owner from the record of the restore");
      }
      if (said.alterRoles && said.roles !== "create") command.error("error: --alter-roles needs --roles create");
      const isLatest = said.latest || said.before !== undefined || said.drilled || (said.allDatabases && !backup) ||
        (path !== undefined && backup === undefined);
      if (earlier === undefined && (backup === undefined) === !isLatest) {
        command.error("error: name either a backup, or --latest with --from; or a configuration");
      }
      if (path === undefined) {
        if (isLatest && said.from === undefined) command.error("error: --latest needs --from: a directory of backups");
        if (targetUrl === "") command.error("error: required option '--target-url <url>' not specified");
      }
      const kept = evidenceOf(command, said);
      const followed = undo === undefined ? path : undefined; // names are given back, and nothing else
      return await execute(
        said,
        (job) =>
          runConfigured({ ...job, evidence: kept }, { command, options, said, path: followed }, async (settled) => {
            // On a terminal only; stdout belongs to the verdict.
            const asking = Deno.stdin.isTerminal()
              ? { ask: (text: string) => ask({ text, default: "", parse: (answer) => answer }, job.signal) }
              : {};
            const wanted = {
              ...settled,
              ...asking,
              path: backup,
              targetUrl,
              targetUrls: targetsOf(said, settled.config),
              mapping,
              mode: swap ? "swap" : inPlace ? "in_place" : "new",
              subset: { schemas, tables },
            } as const;
            if (undo !== undefined) {
              const { undoRestore } = await import("../jobs/restore/undo_restore.ts");
              return await undoRestore({ ...wanted, undo: nameOf(undo) });
            }
            if (promote !== undefined) {
              const { promoteRestore } = await import("../jobs/restore/promote_restore.ts");
              return await promoteRestore({ ...wanted, promote: nameOf(promote) });
            }
            const { restore } = await import("../jobs/restore/restore.ts");
            return await restore(wanted);
          }),
      );
    });
  return declareOptions(command, options);
}

/** Where each of the configuration's databases is to be brought back. */
function targetsOf(said: Said<typeof targetOptions>, config: Config | undefined): Record<string, string | undefined> {
  const databases = Object.entries(config?.databases ?? {}).map(([name, database]) => {
    const { targetUrl } = settle(targetOptions, said, valuesAt(targetOptions, database, "databases.*."));
    return [name, targetUrl] as const;
  });
  return Object.fromEntries(databases);
}

function mappingOf(
  mapRoles: readonly string[] | undefined,
  owner: string | undefined,
  fail: (problem: string) => never,
): RoleMapping | undefined {
  if (mapRoles === undefined && owner === undefined) return undefined;
  if (owner === "") fail("--owner needs the name of a role");
  const roles = new Map<string, string>();
  for (const text of mapRoles ?? []) {
    const [old, now] = parseRoleMapping(text) ??
      fail(`--map-role ${text} is not old=new; names with a quote or an equals sign are quoted as in SQL`);
    if (roles.has(old)) fail(`--map-role names ${old} twice`);
    roles.set(old, now);
  }
  return { owner, roles };
}

/** An option may be said without its record. */
function nameOf(record: string | true): string | undefined {
  return record === true ? undefined : record;
}
