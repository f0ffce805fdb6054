import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DocumentedCommand } from "./documents.ts";
import shopSql from "./documented_shop.sql" with { type: "text" };
import { startPhysicalPrimary } from "./physical_primary.ts";
import { type S3Server, startS3Server } from "./s3_server.ts";
import { startTestServer, type TestServer } from "./server.ts";
import { root } from "./source_files.ts";
import { writeProgram } from "./write_program.ts";

/** A host as the documents speak of it: with a database `shop` on localhost, a bucket, and its own directories. */
export interface DocumentedHost extends AsyncDisposable {
  /** Runs commands one after the other in one shell, and says how each of them ended. */
  run(commands: DocumentedCommand[]): Promise<Ran[]>;
}

export interface Ran {
  command: DocumentedCommand;
  status: number;
  said: string;
}

/** Directories that documents name, and that lie below the host's own root in a test. */
const directories = ["/var/backups", "/var/lib/node_exporter", "/etc/pgrehearse", "/etc/shop", "/srv"];

/** @param options `physical`: with a base backup and its WAL below /var/backups. */
export async function startDocumentedHost({ physical = false } = {}): Promise<DocumentedHost> {
  const [server, bucket] = await Promise.all([startTestServer(), startS3Server()]);
  const place = await Deno.makeTempDir({ prefix: "pgr-host-" });
  const [home, bin] = [join(place, "home"), join(place, "bin")];
  for (const directory of [home, bin, ...directories.map((name) => join(place, name))]) {
    await Deno.mkdir(directory, { recursive: true });
  }
  await Deno.writeTextFile(join(place, "etc/shop/shop.env"), "SHOP_MODE=production\n", { mode: 0o640 });
  await installProgram(bin);
  await fill(server);
  if (physical) await putPhysicalBackup(join(place, "var/backups"));
  await putInto(bucket, ["audit", "shop-invoices", "shop-invoices/2026/invoice-1.pdf"]);
  const env = environment(server, bucket, { home, bin });

  return {
    async run(commands) {
      const script = commands.map(({ text }, index) => {
        const ended = `printf '\\n%s %s\\n' "=== ${index}" "$?"`;
        return `${inPlace(text, place, server)}\n${ended}; printf '\\n=== ${index}\\n' >&2`;
      }).join("\n");
      const bash = new Deno.Command("bash", { args: ["-c", script], cwd: home, clearEnv: true, env });
      const { stdout, stderr } = await bash.output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return commands.map((command, index) => ({
        command,
        status: Number(new RegExp(`^=== ${index} (\\d+)$`, "m").exec(out)?.[1] ?? NaN),
        said: `${part(out, index)}\n${part(err, index)}`.trim(),
      }));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([server[Symbol.asyncDispose](), bucket[Symbol.asyncDispose]()]);
      await Deno.remove(place, { recursive: true });
    },
  };
}

/** A command as it is run: the host's directories are below its own root, and its database is reached over a socket. */
function inPlace(text: string, place: string, { parameters }: TestServer): string {
  const socket = encodeURIComponent(parameters.hosts[0]);
  const moved = directories.reduce(
    (moved, directory) => moved.replaceAll(new RegExp(`(?<![\\w.])${directory}(?=/|\\b)`, "g"), `${place}${directory}`),
    text,
  );
  return moved.replaceAll(
    /postgresql:\/\/(?:(\w+)@)?localhost\/(\w+)/g,
    (_, user = "postgres", database) => `postgresql://${user}@/${database}?host=${socket}`,
  );
}

function part(text: string, index: number): string {
  const parts = text.split(/^=== \d+(?: \d+)?$/m);
  return (parts[index] ?? "").trim();
}

async function installProgram(bin: string): Promise<void> {
  const [main, config] = ["main.ts", "deno.json"].map((name) => join(root, name));
  const run = `exec '${Deno.execPath()}' run --frozen --no-prompt --quiet -P --config '${config}' '${main}' "$@"`;
  await writeProgram(join(bin, "pgrehearse"), `#!/bin/sh\n${run}\n`);
}

async function fill(server: TestServer): Promise<void> {
  const admin = await server.connect();
  for (const name of ["shop", "accounts"]) await admin`CREATE DATABASE ${admin(name)} TEMPLATE template0`;
  await admin`CREATE ROLE backup LOGIN`;
  await admin`CREATE ROLE drill LOGIN CREATEDB`;
  await admin.end();
  const shop = await server.connect("shop");
  await shop.unsafe(shopSql);
  await shop.end();
  const accounts = await server.connect("accounts");
  await accounts.unsafe("CREATE TABLE users (email text PRIMARY KEY); INSERT INTO users VALUES ('ada@shop.example')");
  await accounts.end();
}

/** A base backup, WAL behind it, and in it the restore point `before_release`. */
async function putPhysicalBackup(directory: string): Promise<void> {
  await using primary = await startPhysicalPrimary();
  const sql = await primary.connect();
  const base = await primary.backUp("base");
  await sql`CREATE TABLE public.orders AS SELECT n AS id FROM generate_series(1, 1000) AS n`;
  await sql`SELECT pg_create_restore_point('before_release')`;
  await sql`INSERT INTO public.orders VALUES (0)`;
  await sql.end();
  await primary.archiveAll();
  for (const [from, to] of [[base, "base"], [primary.archive, "wal"]]) {
    const { success } = await new Deno.Command("cp", { args: ["-a", from, join(directory, to)] }).output();
    if (!success) throw new Error(`cp ${from}`);
  }
}

/** Makes buckets, and objects in them. */
async function putInto({ endpoint }: S3Server, paths: string[]): Promise<void> {
  for (const path of paths) {
    const body = path.includes("/") ? `What ${path} holds.` : undefined;
    const made = await fetch(`${endpoint}/${path}`, { method: "PUT", body });
    if (!made.ok) throw new Error(`${path}: ${await made.text()}`);
    await made.body?.cancel();
  }
}

function environment(server: TestServer, bucket: S3Server, { home, bin }: { home: string; bin: string }) {
  const handed = ["DENO_DIR", "XDG_CACHE_HOME", "PGREHEARSE_PG_BIN", "TMPDIR"];
  const denoDirectory = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME")!, ".cache/deno");
  return {
    ...Object.fromEntries(handed.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    })),
    DENO_DIR: denoDirectory,
    PATH: `${bin}:${dirname(fileURLToPath(`file://${Deno.execPath()}`))}:${Deno.env.get("PATH")}`,
    HOME: home,
    PGHOST: server.parameters.hosts[0],
    PGUSER: "postgres",
    AWS_ENDPOINT_URL: bucket.endpoint,
    ...bucket.env,
  };
}
