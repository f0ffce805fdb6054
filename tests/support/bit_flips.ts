import { join } from "node:path";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { filesAt } from "../../lib/system/checksums.ts";
import { copyBackup, makeBackup, runDrill } from "./jobs.ts";
import { seededRandom } from "./random.ts";
import type { TestServer } from "./server.ts";

/** Where one bit of a dump is turned. */
export interface BitFlip {
  /** Below the dump; empty where the dump is one file. */
  file: string;
  byte: number;
  bit: number;
}

/** What became of a flip that no checksum was there to catch. */
export type FlipOutcome =
  | { kind: "restore" | "comparison" | "refused" | "timeout"; verdict: Verdict }
  /** What restores is what was there: the bit is of a comment, a date, an owner. */
  | { kind: "harmless"; verdict: Verdict }
  /** It passed, and something else was restored. */
  | { kind: "missed"; verdict: Verdict };

/** Three dumps of one database: as backup makes them, and one which holds values as they are. */
export interface DumpsToFlip {
  custom: string;
  directory: string;
  uncompressed: string;
}

const contents = `
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
  CREATE TABLE customers (
    id integer PRIMARY KEY, name text NOT NULL, mood mood, since timestamptz, ratio double precision, raw bytea, tags text[]);
  INSERT INTO customers SELECT i, 'customer ' || i, (ARRAY['sad', 'ok', 'happy']::mood[])[i % 3 + 1],
    '2024-01-01 00:00:00+00'::timestamptz + i * '1.000001 s'::interval, i / 7.0, decode(md5(i::text), 'hex'), ARRAY[i::text, 'x']
  FROM generate_series(1, 60) AS i;
  CREATE TABLE orders (id bigserial PRIMARY KEY, customer integer REFERENCES customers, total numeric(10, 2) CHECK (total > 0));
  INSERT INTO orders (customer, total) SELECT i % 60 + 1, i / 3.0 FROM generate_series(1, 150) AS i;
  CREATE INDEX orders_customer ON orders (customer) WHERE total > 10;
  CREATE VIEW big AS SELECT * FROM orders WHERE total > 100;
  CREATE FUNCTION net(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 / 1.19';
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
  ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON customers USING (name = CURRENT_USER);
  CREATE SEQUENCE invoice START 1000 INCREMENT 5; SELECT nextval('invoice');
  COMMENT ON TABLE orders IS 'what was ordered';
  SELECT lo_from_bytea(4711, 'a large object');`;

/** Makes a database and its dumps in a directory. */
export async function makeDumpsToFlip(server: TestServer, directory: string): Promise<DumpsToFlip> {
  const database = await server.makeDatabase();
  const sql = await server.connect(database);
  await sql.unsafe(contents).simple();
  await sql.end({ timeout: 5 });
  const url = server.url(database);
  const custom = await makeBackup(url, join(directory, "custom"));
  const folder = await makeBackup(url, join(directory, "directory"), { format: "directory" });
  const uncompressed = await copyBackup(custom, join(directory, "uncompressed"));
  const from = [`--host=${server.parameters.hosts[0]}`, "--username=postgres", database];
  await output("pg_dump", [
    "--format=custom",
    "--compress=0",
    "--no-owner",
    "--no-acl",
    `--file=${uncompressed}`,
    ...from,
  ]);
  return { custom, directory: folder, uncompressed };
}

/** Chooses places in a dump, each byte as likely as any other, the same for the same seed. */
export async function chooseFlips(dump: string, count: number, seed: number): Promise<BitFlip[]> {
  const random = seededRandom(seed);
  const files = await Promise.all((await filesAt(dump)).map(async (file) => ({
    file,
    size: (await Deno.stat(join(dump, file))).size,
  })));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return Array.from({ length: count }, () => {
    let byte = Math.floor(random() * total);
    const { file } = files.find(({ size }) => byte < size || (byte -= size) < 0)!;
    return { file, byte, bit: Math.floor(random() * 8) };
  });
}

/** Turns one bit of a copy of a backup, drills it with and without its checksum, and returns what became of it. */
export async function tryFlip(
  server: TestServer,
  dump: string,
  flip: BitFlip,
): Promise<{ isCaughtByChecksum: boolean; unchecked: FlipOutcome }> {
  const directory = await Deno.makeTempDir({ prefix: "pgr-flip-" });
  try {
    const path = await copyBackup(dump, directory);
    await turn(join(path, flip.file), flip);
    const checked = await runDrill(path, { into: server.url(), timeoutMs: 30_000 });
    const verdict = await runDrill(path, { into: server.url(), checksum: false, timeoutMs: 30_000 });
    return {
      isCaughtByChecksum: isCaught(checked),
      unchecked: { kind: await judge(server, dump, path, verdict), verdict },
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function isCaught({ verdict, findings }: Verdict): boolean {
  return verdict === "fail" && findings.some(({ code }) => code === "DUMP_ALTERED" || code === "MANIFEST_MISMATCH");
}

async function judge(
  server: TestServer,
  dump: string,
  flipped: string,
  { verdict, findings }: Verdict,
): Promise<FlipOutcome["kind"]> {
  const codes = findings.map(({ code }) => code);
  if (codes.includes("INTERNAL_ERROR")) return "missed";
  if (verdict === "pass") return await restoresTheSame(server, dump, flipped) ? "harmless" : "missed";
  if (codes.includes("TIMEOUT")) return "timeout";
  if (codes.includes("RESTORE_FAILED")) return "restore";
  return codes.some((code) => /_(DIFFERS?|MISSING|UNEXPECTED|BEHIND)$/.test(code)) ? "comparison" : "refused";
}

/** By a different way from ours: whether both restore to what pg_dump writes alike. */
async function restoresTheSame(server: TestServer, dump: string, flipped: string): Promise<boolean> {
  const [expected, actual] = await Promise.all([dump, flipped].map(async (path) => {
    const database = await server.makeDatabase();
    const to = [`--host=${server.parameters.hosts[0]}`, "--username=postgres"];
    await new Deno.Command("pg_restore", {
      args: [...to, "--no-owner", "--no-acl", `--dbname=${database}`, path],
      stderr: "null",
    })
      .output();
    const text = await output("pg_dump", [...to, "--no-owner", "--no-acl", database]);
    const sql = await server.connect();
    await sql`DROP DATABASE ${sql(database)}`;
    await sql.end({ timeout: 5 });
    return text.replace(/^\\(un)?restrict .*$/gm, "");
  }));
  return expected === actual;
}

async function turn(path: string, { byte, bit }: BitFlip): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const one = new Uint8Array(1);
  await file.seek(byte, Deno.SeekMode.Start);
  await file.read(one);
  one[0] ^= 1 << bit;
  await file.seek(byte, Deno.SeekMode.Start);
  await file.write(one);
}

async function output(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
