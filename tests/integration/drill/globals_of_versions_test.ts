import assert from "node:assert/strict";
import { join } from "node:path";
import { compareGlobals } from "../../../lib/manifest/globals/compare_globals.ts";
import { newSalt, readGlobals } from "../../../lib/manifest/globals/read_globals.ts";
import { makeRoleStatement, membershipStatement } from "../../../lib/manifest/globals/role_statements.ts";
import type { ReadGlobals } from "../../../lib/manifest/manifest.ts";
import { connect, type Sql } from "../../../lib/postgres/connection/connect.ts";
import { runGlobals } from "../../../lib/postgres/plain/run_globals.ts";
import { makeThrowawayCluster } from "../../../lib/postgres/throwaway_cluster.ts";
import { findServerTools } from "../../../lib/postgres/tools.ts";
import { makeAccountSandbox } from "../../../lib/system/isolation/make_sandbox.ts";
import { installServers, majors } from "../../../scripts/versions/servers.ts";
import { traceableDirectory } from "../../support/traces.ts";

// npm's servers come without pg_dumpall: its file is written here, in the words of each version.

const servers = await installServers(majors).catch((error) => (error as Error).message.split("\n")[0]);
const name = "globals of every version of PostgreSQL are read, run and compared";

function sourceStatements(major: number): string[] {
  return [
    "CREATE ROLE a CREATEROLE",
    'CREATE ROLE "B b" LOGIN',
    "CREATE ROLE c NOINHERIT",
    "CREATE ROLE rds_superuser",
    "CREATE ROLE cloudsqlsuperuser",
    "CREATE ROLE azure_pg_admin",
    "GRANT pg_monitor TO rds_superuser",
    "GRANT rds_superuser TO a",
    'GRANT a TO "B b" WITH ADMIN OPTION',
    ...major >= 16
      ? [
        "GRANT a TO c WITH INHERIT FALSE, SET FALSE",
        "GRANT pg_read_all_data TO c WITH INHERIT TRUE, SET FALSE",
        'SET ROLE "B b"',
        "GRANT a TO azure_pg_admin WITH INHERIT FALSE",
        "RESET ROLE",
        "GRANT a TO azure_pg_admin WITH SET FALSE",
      ]
      : ["GRANT a TO c"],
    ...major >= 17 ? ["GRANT pg_maintain TO c"] : [],
    ...major >= 15 ? ["GRANT SET ON PARAMETER log_min_duration_statement TO c"] : [],
    "ALTER ROLE c SET work_mem = '7MB'",
  ];
}

/** As pg_dumpall of that version writes it. */
function fileOf({ roles, memberships, settings, parameter_grants, bootstrap }: ReadGlobals, major: number): string {
  const quoted = (role: string) => `"${role.replaceAll('"', '""')}"`;
  const yes = (is: boolean | null) => is ? "TRUE" : "FALSE";
  return [
    ...roles.flatMap((role) => [
      `CREATE ROLE ${quoted(role.name)}`,
      ...role.name === bootstrap ? [] : [makeRoleStatement({ name: role.name, role }).replace("CREATE", "ALTER")],
    ]),
    ...settings.map(({ role, name, value }) => `ALTER ROLE ${quoted(role!)} SET ${name} TO '${value}'`),
    ...memberships.map(({ role, member, grantor, admin, inherit, set }) => {
      const options = major >= 16
        ? [...admin ? ["ADMIN OPTION"] : [], `INHERIT ${yes(inherit)}`, ...set ? [] : ["SET FALSE"]]
        : admin
        ? ["ADMIN OPTION"]
        : [];
      const how = options.length > 0 ? ` WITH ${options.join(", ")}` : "";
      return `GRANT ${quoted(role)} TO ${quoted(member)}${how} GRANTED BY ${quoted(grantor!)}`;
    }),
    ...parameter_grants.map(({ parameter }) => `GRANT SET ON PARAMETER ${parameter} TO c`),
  ].map((statement) => `${statement};\n`).join("");
}

Deno.test({
  name: typeof servers === "string" ? `${name} (skipped: ${servers})` : name,
  ignore: typeof servers === "string",
  async fn(t) {
    await using directory = await traceableDirectory();
    const salt = newSalt();
    const inCluster = async <T>(major: number, work: (sql: Sql) => Promise<T>): Promise<T> => {
      const tools = await findServerTools((servers as Map<number, string>).get(major)!);
      const cluster = await makeThrowawayCluster(tools, { sandbox: await makeAccountSandbox() });
      try {
        const sql = await connect(cluster.parameters);
        return await work(sql).finally(() => sql.end({ timeout: 1 }));
      } finally {
        await cluster.close();
      }
    };
    for (const major of majors) {
      await t.step(`PostgreSQL ${major}`, async () => {
        const expected = await inCluster(major, async (sql) => {
          for (const statement of sourceStatements(major)) await sql.unsafe(statement);
          // Who may not read pg_authid, as on a managed server, reads the same.
          const whole = await readGlobals(sql, salt);
          await sql.unsafe(`SET ROLE "B b"`);
          assert.equal((await sql`SELECT has_table_privilege('pg_authid', 'SELECT') AS may`)[0].may, false);
          assert.deepEqual(await readGlobals(sql, salt), whole);
          return whole;
        });
        if (major >= 16) assert.ok(expected.memberships.some(({ inherit, set }) => inherit === false && set === false));
        const path = join(directory.path, `${major}.globals.sql`);
        await Deno.writeTextFile(path, fileOf(expected, major));
        const compare = (found: ReadGlobals, refused: { text: string; reason: string }[] = []) =>
          compareGlobals({ expected, found, versions: { expected: major, found: major }, file: path, refused });
        await inCluster(major, async (sql) => {
          await sql.unsafe("BEGIN");
          const { unexpected, refused } = await runGlobals(sql, path, "postgres");
          assert.deepEqual([unexpected, refused], [undefined, []]);
          assert.deepEqual(compare(await readGlobals(sql, salt), refused), { findings: [], notes: [] });
          await sql.unsafe("ROLLBACK");
          // The statements that a restore makes its roles with.
          for (const role of expected.roles) {
            if (role.name !== expected.bootstrap) await sql.unsafe(makeRoleStatement({ name: role.name, role }));
          }
          for (const one of expected.memberships) await sql.unsafe(membershipStatement(one, major));
          const made = await readGlobals(sql, salt);
          const optionsOf = ({ memberships }: ReadGlobals) =>
            memberships.filter(({ grantor }) => grantor === "postgres").map((one) => JSON.stringify(one));
          const missing = optionsOf(expected).filter((one) => !optionsOf(made).includes(one));
          assert.deepEqual(missing.filter((one) => !one.includes("azure_pg_admin")), []);
          if (major < 16) return;
          await sql.unsafe("GRANT a TO c WITH INHERIT TRUE");
          const { findings } = compare(await readGlobals(sql, salt));
          assert.ok(findings.some(({ code, object }) => code === "MEMBERSHIP_DIFFERS" && object === "a to c"));
        });
      });
    }
  },
});
