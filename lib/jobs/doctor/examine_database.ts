import type { Sql } from "../../postgres/connection/connect.ts";
import { requireReadable } from "../../postgres/readability.ts";
import { serverVersion } from "../../postgres/server_version.ts";
import { requireDamageShown } from "../../postgres/hidden_damage.ts";
import { findClientTools, olderClient } from "../../postgres/tools.ts";
import {
  clocksDiffer,
  clockText,
  mayNotCreateDatabases,
  roleIsSuperuser,
  serverVersionTooOld,
} from "./findings/database.ts";
import { prerequisiteProblem } from "./findings/prerequisites.ts";
import { type Examination, pass } from "./prerequisite.ts";

const mostSkewMs = 5_000;

/** What the named database's server and role must allow. */
export function databaseExaminations(sql: Sql, { pgBin }: { pgBin?: string }): Examination[] {
  return [
    {
      name: "server_version",
      async examine() {
        const { version, major } = await serverVersion(sql);
        if (major < 14) return serverVersionTooOld({ version });
        return pass(`The server is PostgreSQL ${version}.`);
      },
    },
    {
      name: "client_against_server",
      async examine() {
        const server = await serverVersion(sql);
        const { major } = server;
        const tools = await findClientTools(major, pgBin);
        const [older] = olderClient(tools.version, server);
        if (older) return prerequisiteProblem({ name: "client_against_server", said: older, isWarning: true });
        return pass(`pg_dump ${tools.version} can dump a server of PostgreSQL ${major}.`);
      },
    },
    {
      name: "reads_everything",
      async examine() {
        await requireReadable(sql, false);
        return pass("The role can read every table, sequence and large object completely.");
      },
    },
    {
      name: "shows_damage",
      async examine() {
        await requireDamageShown(sql);
        return pass("A damaged page is an error.");
      },
    },
    {
      name: "least_privilege",
      async examine() {
        const [{ isSuperuser }] = await sql<{ isSuperuser: boolean }[]>`
          SELECT current_setting('is_superuser') = 'on' AS "isSuperuser"`;
        if (!isSuperuser) return pass("The role is not a superuser.");
        return roleIsSuperuser();
      },
    },
    {
      name: "makes_scratch_databases",
      async examine() {
        const [{ role, may }] = await sql<{ role: string; may: boolean }[]>`
          SELECT rolname AS role, rolsuper OR rolcreatedb AS may FROM pg_roles WHERE rolname = current_user`;
        if (may) return pass("The role can create databases.");
        return mayNotCreateDatabases({ role });
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
  if (Math.abs(skewMs) <= mostSkewMs + (answered - asked)) return pass(`${clockText(skewMs)}.`);
  return clocksDiffer({ skewMs });
}
