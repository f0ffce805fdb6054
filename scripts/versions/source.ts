import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "../../lib/postgres/connection/connect.ts";
import type { ConnectionParameters } from "../../lib/postgres/connection/connection_parameters.ts";
import { makeThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { makeAccountSandbox } from "../../lib/system/isolation/make_sandbox.ts";
import { type ClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import { pgrehearse } from "../../tests/support/pgrehearse.ts";

/** A value of every type, and one of everything that a user can make; the publication of all tables comes last. */
const contents = [
  "tests/support/rows_of_every_type.sql",
  "tests/support/printed_otherwise.sql",
  "tests/support/printed_by_version.sql",
  "lib/selftest/granted.sql",
  "lib/selftest/everything.sql",
].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

/** What a database is made like, from the newest provider of collations that a version has. */
function localeOf(major: number): string {
  if (major >= 17) return "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'";
  if (major >= 15) return "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'";
  return "";
}

/** A backup to restore, and what it could not hold. */
export interface SourceBackup {
  /** Of the server that was backed up: `15.20`. */
  server: string;
  dump: string;
  manifest: string;
  /** What the server said of statements that it could not run: it lacks a contrib module or ICU. */
  skipped: string[];
}

/** Makes the database in a server of one major version, backs it up and removes the server. */
export async function backUpSource(
  major: number,
  { bin, client, clientBin, to }: { bin: string; client: ClientTools; clientBin: string; to: string },
): Promise<SourceBackup> {
  const tools = await findServerTools(bin);
  const cluster = await makeThrowawayCluster(tools, { sandbox: await makeAccountSandbox() });
  try {
    const sql = await connect(cluster.parameters);
    await sql.unsafe(`CREATE DATABASE source TEMPLATE template0 ${localeOf(major)}`);
    await sql.end();
    const skipped = [];
    for (const file of contents) skipped.push(...await runLeniently(file, cluster.parameters, client));
    const { status, verdict, stderr } = await pgrehearse(
      ["backup", "--quiet", "--db-url", urlOf(cluster.parameters, "source"), "--to", to, "--pg-bin", clientBin],
    );
    if (status !== 0) throw new Error(`backup of ${major}: ${JSON.stringify(verdict.findings, null, 2)}${stderr}`);
    const names = await Array.fromAsync(Deno.readDir(to), ({ name }) => name);
    const [dump, manifest] = [".dump", ".manifest.json"].map((end) => join(to, names.find((n) => n.endsWith(end))!));
    return { server: tools.version, dump, manifest, skipped };
  } finally {
    await cluster.close();
  }
}

/** Runs a file statement by statement with psql, past errors. Returns the errors. */
async function runLeniently(file: string, parameters: ConnectionParameters, client: ClientTools): Promise<string[]> {
  const { success, stderr } = await new Deno.Command(join(dirname(client.pgDump), "psql"), {
    args: ["--no-psqlrc", "--quiet", "--output=/dev/null", `--file=${file}`, urlOf(parameters, "source")],
    stdout: "null",
    stderr: "piped",
    env: { LC_ALL: "C", PGOPTIONS: "-c client_min_messages=warning" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`psql ${file}: ${said}`);
  return [...said.matchAll(/^psql:.*\/([^/]+\.sql:\d+): ERROR: +(.*)$/gm)].map(([, at, what]) => `${at}: ${what}`);
}

/** The URL of a database of a cluster of ours. */
export function urlOf({ hosts: [directory] }: ConnectionParameters, database: string): string {
  return `postgresql://postgres@/${database}?host=${encodeURIComponent(directory)}`;
}
