import { basename, dirname, join } from "node:path";
import type { Manifest } from "../../lib/manifest/manifest.ts";
import { copyBackup, makeBackup, manifestOf } from "./jobs.ts";
import type { TestServer } from "./server.ts";

/** A backup that must not pass. */
export interface BrokenBackup {
  name: string;
  path: string;
  /** The finding that says which of these it is. */
  code: string;
  /** What the finding must name. */
  names?: RegExp;
  /** Drill it without comparing sizes and hashes first. */
  noChecksum?: true;
  /** Not on the server that the dump came from: it has what the dump names. */
  isForeign?: true;
}

const contents = `
  CREATE TABLE customers (id integer PRIMARY KEY, name text, since timestamptz DEFAULT '2024-01-01 00:00:00+00');
  INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 500) AS i;
  CREATE TABLE orders (id bigserial PRIMARY KEY, customer integer REFERENCES customers, total numeric(10, 2));
  INSERT INTO orders (customer, total) SELECT i % 500 + 1, i / 3.0 FROM generate_series(1, 2000) AS i;
  CREATE INDEX ON orders (customer); CREATE VIEW big AS SELECT * FROM orders WHERE total > 100;
  SELECT lo_from_bytea(0, 'a large object');`;

/** Makes backups and breaks them, each in one way. Nothing is edited by hand: all of them come from real dumps. */
export async function makeBrokenBackups(server: TestServer, directory: string): Promise<BrokenBackup[]> {
  const database = await server.makeDatabase();
  const sql = await server.connect(database);
  await sql.unsafe(contents).simple();
  const url = server.url(database);
  const custom = await makeBackup(url, join(directory, "custom"));
  const folder = await makeBackup(url, join(directory, "directory"), { format: "directory" });
  const other = await makeBackup(server.url(await otherDatabase(server)), join(directory, "other"));
  await until(1_100, custom); // a dump's name and header count seconds
  await sql.unsafe("DELETE FROM orders WHERE id > 1000");
  const later = await makeBackup(url, join(directory, "later"));
  await sql.end({ timeout: 5 });

  const broken: BrokenBackup[] = [];
  let made = 0;
  const newDirectory = () => join(directory, `broken_${++made}`);
  /** A copy of the backup, broken; what is without manifest is drilled without one. */
  async function add(
    expected: Omit<BrokenBackup, "path">,
    breakIt: (dump: string) => Promise<unknown>,
    { from = custom, manifest = true } = {},
  ): Promise<void> {
    const path = await copyBackup(from, newDirectory());
    if (!manifest) await Deno.remove(manifestOf(path));
    await breakIt(path);
    broken.push({ ...expected, path });
  }
  const replace = (content: string | Uint8Array) => (path: string) =>
    typeof content === "string" ? Deno.writeTextFile(path, content) : Deno.writeFile(path, content);

  const { size } = await Deno.stat(custom);
  for (
    const [name, length] of [["0 bytes", 0], ["1 byte", 1], ["100 bytes", 100], ["half", size >> 1], [
      "all but one byte",
      size - 1,
    ]] as const
  ) {
    const cut = (path: string) => Deno.truncate(path, length);
    await add({ name: `cut short at ${name}`, code: "DUMP_TRUNCATED" }, cut);
    await add(
      {
        name: `cut short at ${name}, without manifest`,
        code: length === 0
          ? "DUMP_EMPTY"
          : length === 1
          ? "NOT_A_DUMP"
          : length === 100
          ? "DUMP_UNREADABLE"
          : "RESTORE_FAILED",
      },
      cut,
      { manifest: false },
    );
  }
  await add({ name: "one byte appended", code: "DUMP_ALTERED" }, async (path) => {
    await Deno.writeFile(path, new Uint8Array(1), { append: true });
  });

  const plain = await plainDump(server, database, []);
  await add({ name: "plain SQL named .dump", code: "NOT_A_DUMP", names: /format is plain/ }, replace(plain));
  for (
    const [where, end] of [["a value", "customer 300"], ["two rows", "300\tcustomer"], [
      "two statements",
      "-- Name: orders",
    ]]
  ) {
    await add(
      { name: `plain SQL cut short within ${where}, without manifest`, code: "DUMP_TRUNCATED" },
      replace(plain.slice(0, plain.indexOf(end))),
      { manifest: false },
    );
  }
  const creating = await plainDump(server, database, ["--create"]);
  await add({ name: "plain SQL that connects elsewhere", code: "DUMP_CONNECTS_ELSEWHERE" }, replace(creating), {
    manifest: false,
  });
  const page = `<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head><body>Access denied</body></html>\n`;
  await add({ name: "an HTML error page", code: "NOT_A_DUMP", names: /web page/ }, replace(page));
  await add({ name: "an HTML error page, without manifest", code: "NOT_A_DUMP", names: /web page/ }, replace(page), {
    manifest: false,
  });
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>`;
  await add({ name: "an S3 error, without manifest", code: "NOT_A_DUMP" }, replace(xml), { manifest: false });
  const json = `{"message":"Not Found"}`;
  await add({ name: "a JSON error, without manifest", code: "NOT_A_DUMP" }, replace(json), { manifest: false });
  const words = "pg_dump: error: connection to server failed: FATAL: too many connections\n";
  await add({ name: "an error message, without manifest", code: "NOT_A_DUMP" }, replace(words), {
    manifest: false,
  });
  await add({ name: "an empty file", code: "DUMP_EMPTY" }, replace(""), { manifest: false });
  await add({ name: "random bytes", code: "NOT_A_DUMP" }, replace(randomBytes()), { manifest: false });

  await add({ name: "the right dump with another day's manifest", code: "MANIFEST_MISMATCH" }, async (path) => {
    await Deno.copyFile(manifestOf(later), manifestOf(path));
  });
  await add({ name: "the right dump with an earlier day's manifest", code: "MANIFEST_MISMATCH" }, async (path) => {
    await Deno.copyFile(manifestOf(custom), manifestOf(path));
  }, { from: later });
  await add({ name: "the right manifest with another database's dump", code: "MANIFEST_MISMATCH" }, async (path) => {
    await Deno.copyFile(other, path);
  });
  await add(
    { name: "another day's manifest, unchecked", code: "ROW_COUNT_DIFFERS", noChecksum: true },
    async (path) => {
      await Deno.copyFile(manifestOf(later), manifestOf(path));
    },
  );
  await add({ name: "another database's dump, unchecked", code: "TABLE_MISSING", noChecksum: true }, async (path) => {
    await Deno.copyFile(other, path);
  });
  await add(
    { name: "a manifest with one digest edited", code: "ROWS_DIFFER", names: /orders/ },
    (path) =>
      editManifest(path, ({ rows }) => {
        const table = rows.find(({ name }) => name === "orders")!;
        table.digest = (table.digest[0] === "0" ? "1" : "0") + table.digest.slice(1);
      }),
  );
  await add(
    { name: "a manifest with one row count edited", code: "ROW_COUNT_DIFFERS", names: /orders/ },
    (path) =>
      editManifest(path, ({ rows }) => {
        rows.find(({ name }) => name === "orders")!.row_count++;
      }),
  );
  await add(
    { name: "a manifest with one sha256 edited", code: "DUMP_ALTERED" },
    (path) =>
      editManifest(path, ({ dump }) => {
        dump!.files[0].sha256 = dump!.files[0].sha256.replace(/^./, (digit) => digit === "0" ? "1" : "0");
      }),
  );
  for (const length of [0, 1, 100, 5000]) {
    await add({ name: `a manifest cut short at ${length} bytes`, code: "MANIFEST_INVALID" }, async (path) => {
      await Deno.truncate(manifestOf(path), length);
    });
  }
  await add(
    { name: "a manifest from a newer pgrehearse", code: "MANIFEST_TOO_NEW" },
    (path) =>
      editManifest(path, (manifest) => {
        (manifest as { schema: string }).schema = "pgrehearse.manifest/v2";
      }),
  );

  const dataFile = async (path: string) => {
    const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
    return join(path, names.filter((name) => /^\d+\.dat/.test(name)).sort()[0]);
  };
  const asFolder = { from: folder };
  await add({ name: "a directory dump with one file missing", code: "DUMP_FILE_MISSING" }, async (path) => {
    await Deno.remove(await dataFile(path));
  }, asFolder);
  await add(
    {
      name: "a directory dump with one file missing, without manifest",
      code: "RESTORE_FAILED",
    },
    async (path) => await Deno.remove(await dataFile(path)),
    { ...asFolder, manifest: false },
  );
  await add({ name: "a directory dump without toc.dat", code: "DUMP_FILE_MISSING" }, async (path) => {
    await Deno.remove(join(path, "toc.dat"));
  }, asFolder);
  await add({ name: "a directory dump without toc.dat, without manifest", code: "NOT_A_DUMP" }, async (path) => {
    await Deno.remove(join(path, "toc.dat"));
  }, { ...asFolder, manifest: false });
  await add({ name: "a directory dump whose data file is cut short", code: "DUMP_TRUNCATED" }, async (path) => {
    await Deno.truncate(await dataFile(path), 30);
  }, asFolder);
  await add({
    name: "a directory dump whose data file is cut short, unchecked",
    code: "RESTORE_FAILED",
    noChecksum: true,
  }, async (path) => {
    await Deno.truncate(await dataFile(path), 30);
  }, asFolder);

  await add({ name: "a dump from a newer pg_dump", code: "DUMP_TOO_NEW" }, bumpVersion, { manifest: false });
  await add({ name: "a dump from a newer pg_dump, unchecked", code: "DUMP_TOO_NEW", noChecksum: true }, bumpVersion);
  await add(
    { name: "a manifest of a newer server", code: "SERVER_TOO_OLD" },
    (path) =>
      editManifest(path, ({ postgres }) => {
        postgres.server_version_num = 990_000;
      }),
  );
  await add({ name: "a dangling link", code: "BACKUP_MISSING", names: /link/ }, async (path) => {
    await Deno.remove(path);
    await Deno.symlink(join(dirname(path), "gone.dump"), path);
  });
  await add({ name: "a directory instead of the dump", code: "NOT_A_DUMP" }, async (path) => {
    await Deno.remove(path);
    await Deno.mkdir(path);
  }, { manifest: false });
  await add({ name: "a manifest without its dump", code: "BACKUP_MISSING" }, (path) => Deno.remove(path));

  broken.push(...await makeForeignDumps(server, directory));
  return broken;
}

/** Dumps that name what this host lacks; the source had it. */
async function makeForeignDumps(server: TestServer, directory: string): Promise<BrokenBackup[]> {
  const dump = async (name: string, statements: string, format: string) => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql.unsafe("CREATE TABLE t (id integer, v text); INSERT INTO t VALUES (1, 'x')").simple();
    for (const statement of statements.split(";\n")) await sql.unsafe(statement);
    await sql.end({ timeout: 5 });
    const path = join(directory, `${name}.${format}`);
    await dumpTo(path, server, database, [`--format=${format}`, "--no-owner"]);
    return path;
  };
  // A row in the catalog is enough for pg_dump.
  const extension = `INSERT INTO pg_extension SELECT 99999, 'nowhere', 10, 'pg_catalog'::regnamespace, true, '1.0'`;
  const collation =
    `INSERT INTO pg_collation SELECT 9999, 'xx_YY.utf8', collnamespace, collowner, collprovider, collisdeterministic, collencoding, collcollate, collctype, colliculocale FROM pg_collation WHERE collname = 'C';\nALTER TABLE t ADD w text COLLATE pg_catalog."xx_YY.utf8"`;
  const admin = await server.connect();
  const [{ data }] = await admin<{ data: string }[]>`SELECT current_setting('data_directory') AS data`;
  await admin.end({ timeout: 5 });
  const space = join(dirname(data), "elsewhere_space");
  const { uid } = await Deno.stat(data);
  const { success } = await new Deno.Command("install", {
    args: ["-d", ...Deno.uid() === 0 ? ["-o", String(uid)] : [], space],
  }).output();
  if (!success) throw new Error(`cannot make ${space}`);
  const tablespace =
    `CREATE TABLESPACE elsewhere LOCATION '${space}';\nCREATE TABLE s (id integer) TABLESPACE elsewhere`;
  return [
    {
      name: "a dump naming an extension this host lacks",
      code: "EXTENSION_UNAVAILABLE",
      names: /nowhere/,
      path: await dump("extension", extension, "custom"),
    },
    {
      name: "plain SQL naming an extension this host lacks",
      code: "EXTENSION_UNAVAILABLE",
      names: /nowhere/,
      path: await dump("extension", extension, "plain"),
    },
    {
      name: "a dump naming a collation this host lacks",
      code: "COLLATION_UNAVAILABLE",
      names: /xx_YY/,
      path: await dump("collation", collation, "custom"),
    },
    {
      name: "plain SQL naming a tablespace this host lacks",
      isForeign: true,
      code: "TABLESPACE_MISSING",
      names: /elsewhere/,
      path: await dump("tablespace", tablespace, "plain"),
    },
  ];
}

async function otherDatabase(server: TestServer): Promise<string> {
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe("CREATE TABLE letters (a text); INSERT INTO letters VALUES ('a')").simple();
  await sql.end({ timeout: 5 });
  return name;
}

async function editManifest(dumpPath: string, edit: (manifest: Manifest) => void): Promise<void> {
  const path = manifestOf(dumpPath);
  const manifest = JSON.parse(await Deno.readTextFile(path));
  edit(manifest);
  await Deno.writeTextFile(path, JSON.stringify(manifest));
}

/** The header says `PGDMP`, and then the archive's version: 1.14 for pg_dump 14 and 15. */
async function bumpVersion(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(6, Deno.SeekMode.Start);
  await file.write(new Uint8Array([99]));
}

/** Waits until a file is this old. */
async function until(ageMs: number, path: string): Promise<void> {
  const { mtime } = await Deno.stat(path);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, mtime!.getTime() + ageMs - Date.now())));
}

function randomBytes(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(1000)).map((byte, index) => index === 20 ? 0 : byte);
}

async function plainDump(server: TestServer, database: string, options: string[]): Promise<string> {
  const path = await Deno.makeTempFile();
  await dumpTo(path, server, database, ["--format=plain", "--no-owner", ...options]);
  return await Deno.readTextFile(path).finally(() => Deno.remove(path));
}

async function dumpTo(path: string, server: TestServer, database: string, options: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("pg_dump", {
    args: [...options, `--file=${path}`, `--host=${server.parameters.hosts[0]}`, "--username=postgres", database],
  }).output();
  if (!success) throw new Error(`${basename(path)}: ${new TextDecoder().decode(stderr)}`);
}
