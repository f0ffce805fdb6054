import assert from "node:assert/strict";
import { connect, type Sql } from "../../lib/postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../lib/postgres/connection/connection_parameters.ts";
import { makeThrowawayCluster, type ThrowawayOptions } from "../../lib/postgres/throwaway_cluster.ts";
import { makeAccountSandbox } from "../../lib/system/isolation/make_sandbox.ts";
import { findClientTools, findServerTools } from "../../lib/postgres/tools.ts";

/** A real server for one test file, reached over its Unix socket as superuser. */
export interface TestServer extends AsyncDisposable {
  readonly parameters: ConnectionParameters;
  /** The URL of one of its databases. */
  url(database?: string): string;
  connect(database?: string): Promise<Sql>;
  /** Makes an empty database for one test and returns its name. */
  makeDatabase(): Promise<string>;
}

export async function startTestServer(options: Omit<ThrowawayOptions, "sandbox"> = {}): Promise<TestServer> {
  const sandbox = await makeAccountSandbox();
  const cluster = await makeThrowawayCluster(await findServerTools(), { ...options, sandbox });
  const { parameters } = cluster;
  const admin = await connect(parameters);
  let made = 0;
  return {
    parameters,
    url: (database = "postgres") =>
      `postgresql://postgres@/${encodeURIComponent(database)}?host=${encodeURIComponent(parameters.hosts[0])}`,
    connect: (database = "postgres") =>
      connect(withDatabase(parameters, database), { settings: { search_path: null } }),
    async makeDatabase() {
      const name = `test_${++made}`;
      await admin`CREATE DATABASE ${admin(name)} TEMPLATE template0`;
      return name;
    },
    async [Symbol.asyncDispose]() {
      await admin.end({ timeout: 0 });
      await cluster.close();
    },
  };
}

/** Runs statements in one of a server's databases. */
export async function run(server: TestServer, database: string, statements: string) {
  const sql = await server.connect(database);
  try {
    return [...await sql.unsafe(statements).simple()];
  } finally {
    await sql.end();
  }
}

/** Dumps one of a server's databases with the host's pg_dump. */
export async function pgDump(server: TestServer, database: string, args: string[]): Promise<void> {
  const { pgDump } = await findClientTools(1);
  const { success, stderr } = await new Deno.Command(pgDump, { args: [...args, server.url(database)] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
