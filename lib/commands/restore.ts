import type { Config } from "../config/read_config.ts";
import { configOptions } from "../options/config_options.ts";
import { targetOptions } from "../options/connection_options.ts";
import type { SaidOfOption } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { authorityOptions, restoreOptions, reviewOptions } from "../options/restore_options.ts";
import { parseRoleMapping, type RoleMapping } from "../options/role_mapping.ts";
import {
  identityOptions,
  jobsOptions,
  outputOptions,
  programOptions,
  timeoutOptions,
  waitOptions,
} from "../options/run_options.ts";
import { settle, valuesAt } from "../options/settle.ts";
import { reachOptions, whichOptions } from "../options/store_options.ts";
import { ask } from "./ask.ts";
import { defineCommand, runSettled } from "./command.ts";
import { isFlagged } from "./declare_options.ts";
import { backupOperand, chooseConfig, evidenceOf, requireWhich } from "./said.ts";

const description = `Restores a database, compares it with the backup's manifest, and writes an
incident record beside the backup. The target is the database of --target-url.

Without other options it touches nothing that exists: it restores into a new
database NAME_restored_TIME. With --swap it exchanges the names when the
comparison is exact, and keeps the old database as NAME_before_TIME. With
--in-place it overwrites the database itself, completely or not at all.

To replace a database that holds anything, give --operator, --approved-by,
--reason and the target's name in --confirm. No other session may be connected.
pgrehearse makes a safety backup first. The same holds for --promote, which
puts the copy of an earlier restore in place; --undo exchanges the names back.
Both take the record of that restore, or find it in the store of --from.

With a configuration, it restores every database in it and follows its steps in
order.`;

const epilogue = `
Exit status: 0 restored, exact; 1 something differs; 2 refused or failed.

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
  jobs: { ...jobsOptions.jobs, help: "number of tables and indexes to restore or compare at the same time" },
  ...evidenceOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...programOptions,
  ...outputOptions,
} as const;

export const restoreCommand = defineCommand({
  name: "restore",
  summary: "restore a database beside the old one, or in its place",
  description,
  epilogue,
  operands: backupOperand,
  options,
  async run(given) {
    const { command, said, operands: [backup] } = given;
    const { undo, promote, swap, inPlace, schemas = [], tables = [], targetUrl = "" } = said;
    const earlier = undo ?? promote;
    const isSaid = backup !== undefined || earlier !== undefined || isFlagged(command, options.from) ||
      said.allDatabases === true;
    const path = await chooseConfig(given, { isSaid });
    if (earlier === true && said.from === undefined) {
      command.error("error: name the record of the restore, or give --from with the store that holds it");
    }
    const mapping = mappingOf(said.mapRoles, said.owner, (problem) => command.error(`error: ${problem}`));
    if (mapping && said.roles === "skip") {
      command.error("error: --roles skip restores no owners and grants, so --map-role and --owner have nothing to map");
    }
    if (mapping && earlier !== undefined) {
      command.error("error: --promote and --undo take --map-role and --owner from the record of the restore");
    }
    if (said.alterRoles && said.roles !== "create") command.error("error: --alter-roles needs --roles create");
    if (earlier === undefined) requireWhich(given, path);
    if (path === undefined && targetUrl === "") {
      command.error("error: required option '--target-url <url>' not specified");
    }
    const followed = undo === undefined ? path : undefined; // names are given back, and nothing else
    await runSettled({ ...given, evidence: evidenceOf(given), path: followed }, async (settled) => {
      // On a terminal only; stdout belongs to the verdict.
      const asking = Deno.stdin.isTerminal()
        ? { ask: (text: string) => ask({ text, default: "", parse: (answer) => answer }, settled.signal) }
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
    });
  },
});

/** Where each of the configuration's databases is to be brought back. */
function targetsOf(
  said: SaidOfOption<typeof targetOptions>,
  config: Config | undefined,
): Record<string, string | undefined> {
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
