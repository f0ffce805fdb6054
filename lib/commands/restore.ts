import { Command, Option } from "@commander-js/extra-typings";
import {
  beforeOption,
  chooseConfig,
  configOption,
  drilledOption,
  incidentAtOption,
  reviewedByOption,
} from "./config_options.ts";
import { evidenceOf, evidenceOption, signingKeyOption } from "./evidence_options.ts";
import { ask } from "./ask.ts";
import { declaredOption } from "./declared_option.ts";
import type { Execute } from "./execute.ts";
import { parseRoleMapping, type RoleMapping } from "../options/role_mapping.ts";
import { roleOptions } from "../options/restore_options.ts";
import { collect } from "./option_values.ts";
import { debugOption, jobsOption, pgBinOption, quietOption, timeoutOption, waitOption } from "./options.ts";
import {
  databaseOption,
  endpointOption,
  identityOption,
  regionOption,
  systemIdentifierOption,
  trustedKeyOption,
} from "./store_options.ts";

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

export function restoreCommand(execute: Execute) {
  return new Command("restore")
    .summary("bring a database back: beside what is there, or in its place")
    .description(description)
    .argument("[backup]", "the dump, its manifest, or a name in --from as list prints it")
    .addOption(new Option("--target-url <url>", "the database to bring back, on the server to bring it back to"))
    .addOption(configOption())
    .addOption(incidentAtOption())
    .addOption(reviewedByOption())
    .addOption(new Option("--latest", "the newest backup of --from"))
    .addOption(new Option("--from <store>", "the directory or s3://bucket/prefix that holds backups"))
    .addOption(beforeOption())
    .addOption(drilledOption())
    .addOption(databaseOption())
    .addOption(systemIdentifierOption())
    .addOption(trustedKeyOption())
    .addOption(identityOption())
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(
      new Option(
        "--all-databases",
        "every database of the server whose backup set is meant, each under its own name on the server of --target-url",
      ).conflicts(["database", "config", "inPlace", "promote", "undo", "schema", "table"]),
    )
    .addOption(
      new Option(
        "--roles <how>",
        "roles that the server lacks: create them, without passwords; require that there are none; or skip owners and grants",
      ).choices(["create", "require", "skip"] as const),
    )
    .addOption(new Option("--alter-roles", "with --roles create: give roles that are there the backup's attributes"))
    .addOption(declaredOption(roleOptions.map_role))
    .addOption(declaredOption(roleOptions.owner))
    .addOption(new Option("--swap", "put the restored database in the target's place, and keep the old one"))
    .addOption(new Option("--in-place", "overwrite the target itself").conflicts("swap"))
    .addOption(
      new Option("--promote [record]", "put what an earlier restore brought back beside in the target's place")
        .conflicts(["swap", "inPlace", "schema", "table", "latest"]),
    )
    .addOption(
      new Option("--undo [record]", "give databases the names back that --swap exchanged; without a record, see --from")
        .conflicts(["swap", "inPlace", "promote"]),
    )
    .addOption(
      new Option("--schema <pattern>", "only schemas that match, as in pg_dump; may be repeated").argParser(collect),
    )
    .addOption(
      new Option(
        "--table <pattern>",
        "only tables that match, as in pg_dump, with all that hangs on them; may be repeated",
      ).argParser(collect),
    )
    .addOption(new Option("--operator <name>", "who restores"))
    .addOption(new Option("--approved-by <name>", "who allowed it"))
    .addOption(new Option("--reason <text>", "why"))
    .addOption(
      new Option("--confirm <name>", "the target's name once more, several with commas; asked for on a terminal"),
    )
    .addOption(new Option("--terminate-connections", "end other sessions in the target"))
    .addOption(new Option("--safety-store <store>", "where the safety backup goes; beside the backup otherwise"))
    .addOption(new Option("--no-safety-backup", "replace what is there without a backup of it"))
    .addOption(new Option("--record <dir>", "write the incident record here, too"))
    .addOption(jobsOption("tables and indexes restored, and tables compared, at the same time"))
    .addOption(evidenceOption())
    .addOption(signingKeyOption())
    .addOption(timeoutOption())
    .addOption(waitOption())
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async (path, options, command) => {
      const {
        wait,
        timeout,
        latest,
        swap,
        inPlace,
        undo,
        promote,
        schema = [],
        table = [],
        region,
        endpoint,
        mapRole,
        owner,
        ...others
      } = options;
      const { config, targetUrl = "", trustedKey: trustedKeys, evidence: _, signingKey: __, ...rest } = others;
      const earlier = undo ?? promote;
      const isSaid = path !== undefined || earlier !== undefined || rest.from !== undefined ||
        rest.allDatabases === true;
      const choice = await chooseConfig(command, config, { isSaid });
      if (earlier === true && rest.from === undefined) {
        command.error("error: name the record of the restore, or with --from the store that holds it");
      }
      const mapping = mappingOf(mapRole, owner, (problem) => command.error(`error: ${problem}`));
      if (mapping && rest.roles === "skip") {
        command.error(
          "error: --roles skip restores no owners and grants: there is nothing that --map-role or --owner could map",
        );
      }
      if (mapping && earlier !== undefined) {
        command.error("error: --promote and --undo take --map-role and --owner from the record of the restore");
      }
      if (rest.alterRoles && rest.roles !== "create") command.error("error: --alter-roles needs --roles create");
      const isLatest = latest || options.before !== undefined || options.drilled || (rest.allDatabases && !path) ||
        (choice.config !== undefined && path === undefined);
      if (earlier === undefined && (path === undefined) === !isLatest) {
        command.error("error: name either a backup, or --latest with --from; or a configuration");
      }
      if (choice.config === undefined) {
        if (isLatest && rest.from === undefined) command.error("error: --latest needs --from: a directory of backups");
        if (targetUrl === "") command.error("error: required option '--target-url <url>' not specified");
      }
      const mode = swap ? "swap" : inPlace ? "in_place" : "new";
      const common = {
        env: Deno.env.toObject(),
        trustedKeys,
        store: { region, endpoint },
        mapping,
        waitMs: wait,
        timeoutMs: timeout,
        evidence: evidenceOf(options, command),
      };
      return await execute(options, async (job) => {
        // On a terminal only; stdout belongs to the verdict.
        const asking = Deno.stdin.isTerminal()
          ? { ask: (text: string) => ask({ text, default: "", parse: (answer) => answer }, job.signal) }
          : {};
        if (undo !== undefined) {
          const { undoRestore } = await import("../jobs/restore/undo_restore.ts");
          return await undoRestore({ ...job, ...rest, ...common, ...asking, targetUrl, undo: nameOf(undo) });
        }
        const wanted = { ...job, ...rest, ...common, ...choice, ...asking, targetUrl, path, mode } as const;
        const subset = { schemas: schema, tables: table };
        if (promote !== undefined) {
          const { promoteRestore } = await import("../jobs/restore/promote_restore.ts");
          return await promoteRestore({ ...wanted, subset, promote: nameOf(promote) });
        }
        const { restore } = await import("../jobs/restore/restore.ts");
        return await restore({ ...wanted, subset });
      });
    });
}

function mappingOf(
  mapRole: readonly string[] | undefined,
  owner: string | undefined,
  fail: (problem: string) => never,
): RoleMapping | undefined {
  if (mapRole === undefined && owner === undefined) return undefined;
  if (owner === "") fail("--owner needs the name of a role");
  const roles = new Map<string, string>();
  for (const text of mapRole ?? []) {
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
