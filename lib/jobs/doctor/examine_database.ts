import type { Sql } from "../../postgres/connection/connect.ts";
import { requireReadable } from "../../postgres/readability.ts";
import { serverVersion } from "../../postgres/server_version.ts";
import { requireDamageShown } from "../../postgres/hidden_damage.ts";
import { findClientTools, olderClient } from "../../postgres/tools.ts";
import { type Examination, fail, pass, warn } from "./prerequisite.ts";

const mostSkewMs = 5_000;

/** What the named database's server and role must allow. */
export function databaseExaminations(sql: Sql, { pgBin }: { pgBin?: string }): Examination[] {
  return [
    {
      name: "server_version",
      async examine() {
        const { version, major } = await serverVersion(sql);
        if (major < 14) return fail(`the server is PostgreSQL ${version}`, "pgrehearse needs PostgreSQL 14 or newer.");
        return pass(`the server is PostgreSQL ${version}`);
      },
    },
    {
      name: "client_against_server",
      async examine() {
        const server = await serverVersion(sql);
        const { major } = server;
        const tools = await findClientTools(major, pgBin);
        const [older] = olderClient(tools.version, server);
        if (older) return warn(older.message, older.fix);
        return pass(`pg_dump ${tools.version} can dump a server of ${major}`);
      },
    },
    {
      name: "reads_everything",
      async examine() {
        await requireReadable(sql, false);
        return pass("the role reads every table, sequence and large object, whole");
      },
    },
    {
      name: "shows_damage",
      async examine() {
        await requireDamageShown(sql);
        return pass("a damaged page is an error");
      },
    },
    {
      name: "least_privilege",
      async examine() {
        const [{ isSuperuser }] = await sql<{ isSuperuser: boolean }[]>`
          SELECT current_setting('is_superuser') = 'on' AS "isSuperuser"`;
        if (!isSuperuser) return pass("the role is no superuser");
        return warn(
          "the role is a superuser, and a backup needs only to read",
          "Make a role for backups: CREATE ROLE backup LOGIN BYPASSRLS; GRANT pg_read_all_data TO backup. Only a database " +
            "with subscriptions, or with large objects of other roles, needs more: see docs/backup.md.",
        );
      },
    },
    {
      name: "makes_scratch_databases",
      async examine() {
        const [{ may }] = await sql<{ may: boolean }[]>`
          SELECT rolsuper OR rolcreatedb AS may FROM pg_roles WHERE rolname = current_user`;
        if (may) return pass("the role may create databases");
        return warn(
          "the role may not create databases",
          "Only drill --into and smoke --db-url need it: ALTER ROLE … CREATEDB, or leave them to a throwaway cluster.",
        );
      },
    },
    { name: "clock", examine: () => examineClock(sql) },
  ];
}

/** Ages of backups come from two clocks. */
async function examineClock(sql: Sql) {
  const asked = Date.now();
  const [{ now }] = await sql<{ now: string }[]>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now`;
  const answered = Date.now();
  const skewMs = Math.round(Number(now) - (asked + answered) / 2);
  const message = `the server's clock is ${Math.abs(skewMs)} ms ${skewMs < 0 ? "behind" : "ahead of"} this host's`;
  if (Math.abs(skewMs) <= mostSkewMs + (answered - asked)) return pass(message);
  return warn(message, "Synchronise both with NTP: ages of backups and data-loss windows come out wrong.");
}
