import assert from "node:assert/strict";
import { join } from "node:path";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { runBackup, runDrill } from "../jobs.ts";
import { outcomeOf, type ProgramOutput, type RunningProgram, startPgrehearse } from "../pgrehearse.ts";
import { type TestServer } from "../server.ts";

/** What a database holds, by which the right one is known: how many orders. */
export const orders = { damaged: 0, first: 100, second: 200, accounts: 7 } as const;

/** A server with the databases `shop` (damaged) and `accounts`, and a store with backups of both; anew for each situation. */
export interface RestoreGround {
  readonly server: TestServer;
  /** Two backups of shop, `first` and the newer `second`, and between them one of accounts. */
  readonly store: string;
  /** Names of the backups. */
  readonly backups: { first: string; second: string; accounts: string };
  /** A moment between the two backups of shop. */
  readonly between: string;
  /** An empty directory that is the program's TMPDIR. */
  readonly temporary: string;
  readonly directory: string;
  /** Starts `pgrehearse restore` of the store's backups. */
  start(args: string[], env?: Record<string, string>): RunningProgram;
  restore(args: string[], env?: Record<string, string>): Promise<ProgramOutput>;
  admin: Sql;
}

/** What must be approved, for a target. */
export const approved = (target = "shop") => [
  "--operator",
  "ann",
  "--approved-by",
  "bob",
  "--reason",
  "ticket 7",
  "--confirm",
  target,
];

export const approvedSwap = (target?: string) => ["--swap", ...approved(target)];
export const approvedInPlace = (target?: string) => ["--in-place", ...approved(target)];

/** Makes the backups once; each situation gets a copy of the store and fresh databases. */
export async function prepareRestores(server: TestServer) {
  const top = await Deno.makeTempDir({ prefix: "pgr-restores-" });
  const original = join(top, "store");
  const admin = await server.connect();
  await admin.unsafe("DROP DATABASE IF EXISTS shop WITH (FORCE)");
  await admin.unsafe("DROP DATABASE IF EXISTS accounts WITH (FORCE)");
  const backup = async (database: string) => {
    const { verdict, backup, findings } = await runBackup(server.url(database), original);
    assert.equal(verdict, "pass", JSON.stringify(findings));
    return backup!;
  };
  await makeDatabase(admin, server, "shop", orders.first);
  const first = await backup("shop");
  await nextSecond();
  const between = new Date().toISOString();
  await nextSecond();
  await makeDatabase(admin, server, "accounts", orders.accounts);
  const accounts = await backup("accounts");
  await makeDatabase(admin, server, "shop", orders.second);
  const second = await backup("shop");
  await runDrill(first.path, { record: true });
  const backups = { first: first.name, second: second.name, accounts: accounts.name };

  let made = 0;
  return {
    async next(): Promise<RestoreGround & AsyncDisposable> {
      const directory = join(top, String(++made));
      const [store, temporary] = [join(directory, "store"), join(directory, "tmp")];
      await Deno.mkdir(temporary, { recursive: true });
      await Deno.chmod(temporary, 0o1777);
      for (const path of [top, directory]) await Deno.chmod(path, 0o755);
      await new Deno.Command("cp", { args: ["-a", original, store] }).output();
      for (const name of await databasesOf(admin)) await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
      await makeDatabase(admin, server, "shop", orders.damaged);
      await makeDatabase(admin, server, "accounts", orders.accounts);
      const start = (args: string[], env: Record<string, string> = {}) => {
        const target = args.includes("--target-url") ? [] : ["--target-url", server.url("shop")];
        const from = args.includes("--from") ? [] : ["--from", store];
        return startPgrehearse(["restore", ...from, ...target, ...args], { env: { TMPDIR: temporary, ...env } });
      };
      return {
        server,
        store,
        backups,
        between,
        temporary,
        directory,
        admin,
        start,
        restore: (args, env) => start(args, env).output(),
        [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const name of await databasesOf(admin)) await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
      await admin.end();
      await Deno.remove(top, { recursive: true });
    },
  };
}

/** Makes a database anew, with so many orders. */
export async function makeDatabase(admin: Sql, server: TestServer, name: string, count: number): Promise<void> {
  await admin`DROP DATABASE IF EXISTS ${admin(name)} WITH (FORCE)`;
  await admin`CREATE DATABASE ${admin(name)} TEMPLATE template0`;
  const sql = await server.connect(name);
  await sql.unsafe(`
    CREATE TABLE orders (id integer PRIMARY KEY, customer text NOT NULL);
    INSERT INTO orders SELECT n, 'c' || n FROM generate_series(1, ${count}) AS n`).simple();
  await sql.end();
}

/** All databases but the server's own. */
export async function databasesOf(admin: Sql): Promise<string[]> {
  const rows = await admin<{ name: string }[]>`
    SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`;
  return rows.map(({ name }) => name);
}

/** How many orders a database holds; `undefined` where there is no such database, or none in it. */
export async function ordersIn(server: TestServer, database: string): Promise<number | undefined> {
  try {
    const sql = await server.connect(database);
    try {
      const [{ count }] = await sql<{ count: number }[]>`SELECT count(*)::integer AS count FROM public.orders`;
      return count;
    } finally {
      await sql.end();
    }
  } catch {
    return undefined;
  }
}

/** Reads what a run ended with; its document is a verdict in every case. */
export function endOf(output: ProgramOutput) {
  const { status, verdict } = outcomeOf(output);
  return { status, verdict, codes: verdict.findings.map(({ code }) => code) };
}

/** Backups' names count seconds. */
async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_000 - Date.now() % 1_000 + 20));
}
