import assert from "node:assert/strict";
import { join } from "node:path";
import { openPhysicalSource as open } from "../../lib/physical/open_source.ts";
import type { PhysicalBackup, PhysicalSource } from "../../lib/physical/source.ts";
import { run } from "../../lib/system/child_process.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";
import { isFile } from "../../lib/system/files.ts";
import { makeWorkspace } from "../../lib/system/workspace.ts";
import { setUpBarman, setUpPgBackRest, writeAndArchive } from "../support/backup_tools.ts";
import { findProgram } from "../support/find_program.ts";
import { needing } from "../support/needing.ts";
import { startPhysicalPrimary } from "../support/physical_primary.ts";

const pgbackrest = await findProgram("pgbackrest");
const barman = await findProgram("barman");
const { major } = await findServerTools();
const env = { PATH: Deno.env.get("PATH")!, HOME: "/" };

/** Runs a `restore_command`; how many bytes it brought, or `undefined`. */
async function fetched(source: PhysicalSource, name: string, to: string): Promise<number | undefined> {
  await Deno.remove(to).catch(() => {});
  const command = source.restoreCommand!.replaceAll("%f", name).replaceAll("%p", to);
  const { status } = await run("/bin/sh", ["-c", command], { env });
  return status === 0 ? (await Deno.stat(to)).size : undefined;
}

/** Restores into a place that goes with the block. */
async function restored(source: PhysicalSource, backup: PhysicalBackup) {
  const { path, close } = await makeWorkspace();
  const [directory, tablespaceDirectory] = ["data", "tablespaces"].map((name) => join(path, name));
  for (const made of [directory, tablespaceDirectory]) await Deno.mkdir(made, { mode: 0o700 });
  try {
    await source.restore(backup, { directory, tablespaceDirectory });
  } catch (error) {
    await close();
    throw error;
  }
  return { path, directory, tablespaceDirectory, [Symbol.asyncDispose]: close };
}

/** Changes a byte of a file in a repository, found by the end of its path. */
async function flip(directory: string, end: RegExp, at = 100): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) await flip(path, end, at);
    else if (end.test(path)) {
      const bytes = await Deno.readFile(path);
      bytes[Math.min(at, bytes.length - 1)] ^= 0x55;
      await Deno.writeFile(path, bytes);
    }
  }
}

const isFound = (code: string, said?: RegExp) => (error: { code?: string; message: string; detail?: string }) => {
  assert.equal(error.code, code, error.message);
  if (said) assert.match(`${error.message} ${error.detail}`, said);
  return true;
};

Deno.test(needing({ pgbackrest }, "pgbackrest"), async (t) => {
  await using primary = await startPhysicalPrimary();
  const sql = await primary.connect();
  await sql.unsafe(`CREATE TABLESPACE fast LOCATION '${await primary.makeDirectory("fast")}'`);
  await sql`CREATE TABLE public.kept TABLESPACE fast AS SELECT generate_series(1, 1000) AS id`;
  await sql.end();
  await using tool = await setUpPgBackRest(primary);
  await tool.run("backup", "--type=full");
  await tool.run("backup", "--type=incr");
  const last = await writeAndArchive(primary);
  await tool.caughtUp();
  const options = { pgbackrestConfig: tool.config };

  await t.step("its catalogue: from where to where, of which cluster, on what it is based", async () => {
    const [full, increment] = await (await open("pgbackrest:main", options)).list();
    assert.match(full.name, /F$/);
    assert.deepEqual([full.parents, increment.parents], [[], [full.name]]);
    assert.deepEqual([full.timeline, full.majorVersion, full.walSegmentBytes], [1, major, 1024 * 1024]);
    const sql = await primary.connect();
    const [{ id }] = await sql<{ id: string }[]>`SELECT system_identifier::text AS id FROM pg_control_system()`;
    await sql.end();
    assert.equal(full.systemIdentifier, id); // it has more digits than a number holds
  });

  await t.step("its archive, and what fetches from it once something is restored", async () => {
    const source = await open("pgbackrest:main", options);
    const files = await Array.fromAsync(source.listWal!());
    assert.ok(files.some(({ name }) => name.startsWith(last)));
    const [, increment] = await source.list();
    await using place = await restored(source, increment);
    const at = await Array.fromAsync(Deno.readDir(join(place.directory, "pg_tblspc")), ({ name }) => name);
    assert.equal(at.length, 1);
    assert.ok((await Deno.readLink(join(place.directory, "pg_tblspc", at[0]))).startsWith(place.tablespaceDirectory));
    assert.match(await Deno.readTextFile(join(place.directory, "backup_label")), /START WAL LOCATION/);
    // A lock of ours in the usual place would keep the host's own runs out.
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(tool.directory, "lock"))), []);
    assert.equal(await fetched(source, last, join(place.path, "wal")), 1024 * 1024);
    assert.equal(await fetched(source, "0000000100000000000000FF", join(place.path, "wal")), undefined);
    assert.equal(await source.readHistory!(2), undefined);
  });

  await t.step("a stanza or a configuration that is not there is said", async () => {
    await assert.rejects((await open("pgbackrest:other", options)).list(), isFound("BACKUP_TOOL_FAILED", /other/));
    const nowhere = await open("pgbackrest:main", { pgbackrestConfig: "/nowhere.conf" });
    await assert.rejects(nowhere.list(), isFound("BACKUP_TOOL_FAILED", /\/nowhere\.conf/));
  });

  await t.step("a whole repository is whole; a flipped byte is found, although its verify ends with 0", async () => {
    assert.deepEqual(await (await open("pgbackrest:main", options)).verify!(), []);
    await flip(join(tool.directory, "repo/backup/main"), /F\/pg_data\/base\/\d+\/1259\.gz$/);
    const source = await open("pgbackrest:main", options);
    const [found] = await source.verify!();
    assert.equal(found.code, "REPOSITORY_DAMAGED");
    assert.match(found.detail!, /checksum invalid: [1-9]/);
    await assert.rejects(
      source.list().then(([full]) => restored(source, full)),
      isFound("BACKUP_TOOL_COULD_NOT_RESTORE", /zlib|checksum|data error/),
    );
  });
});

Deno.test(
  needing({ pgbackrest }, "pgbackrest: an encrypted repository is read with its key, and not with another"),
  async () => {
    await using primary = await startPhysicalPrimary();
    const cipher = ["repo1-cipher-type=aes-256-cbc", "repo1-cipher-pass=a-long-pass-phrase"];
    await using tool = await setUpPgBackRest(primary, cipher);
    await tool.run("backup", "--type=full");
    const last = await writeAndArchive(primary);
    await tool.caughtUp();
    const source = await open("pgbackrest:main", { pgbackrestConfig: tool.config });
    await using place = await restored(source, (await source.list())[0]);
    assert.equal(await fetched(source, last, join(place.path, "wal")), 1024 * 1024);
    const other = join(tool.directory, "other.conf");
    await Deno.writeTextFile(other, (await Deno.readTextFile(tool.config)).replace("a-long-pass", "another-pass"));
    const locked = await open("pgbackrest:main", { pgbackrestConfig: other });
    await assert.rejects(locked.list(), isFound("BACKUP_TOOL_FAILED", /unable to load info file|Crypto/));
  },
);

Deno.test(needing({ barman }, "barman"), async (t) => {
  await using primary = await startPhysicalPrimary();
  await using tool = await setUpBarman(primary);
  await writeAndArchive(primary);
  await tool.caughtUp();
  await tool.run("backup", "main");
  const last = await writeAndArchive(primary);
  await tool.caughtUp();
  const options = { barmanConfig: tool.config };

  await t.step("its catalogue, its archive, and what fetches from that", async () => {
    const source = await open("barman:main", options);
    const [backup] = await source.list();
    assert.deepEqual([backup.timeline, backup.majorVersion, backup.walSegmentBytes], [1, major, 1024 * 1024]);
    assert.ok(backup.startLsn && backup.stopLsn && backup.unfinished === undefined);
    const files = await Array.fromAsync(source.listWal!());
    assert.ok(files.some(({ name }) => name === `${last}.gz`));
    await using place = await restored(source, backup);
    assert.match(await Deno.readTextFile(join(place.directory, "backup_label")), /START WAL LOCATION/);
    assert.equal(await fetched(source, last, join(place.path, "wal")), 1024 * 1024);
    assert.equal(await fetched(source, "0000000100000000000000FF", join(place.path, "wal")), undefined);
  });

  await t.step("a server or a configuration that is not there is said", async () => {
    await assert.rejects((await open("barman:other", options)).list(), isFound("BACKUP_TOOL_FAILED", /other/));
    const nowhere = await open("barman:main", { barmanConfig: "/nowhere.conf" });
    await assert.rejects(nowhere.list(), isFound("BACKUP_TOOL_FAILED", /\/nowhere\.conf/));
  });

  await t.step("a backup that did not end is there, and called what Barman calls it", async () => {
    const [first] = await Array.fromAsync(Deno.readDir(join(tool.directory, "main/base")), ({ name }) => name);
    // Since 3.13 it keeps what it knows of its backups in one place.
    const at = (name: string) => ["base/ID/backup.info", "meta/ID-backup.info"].map((path) => path.replace("ID", name));
    const [place] = await Promise.all(at(first).map((path) => isFile(join(tool.directory, "main", path))));
    const [known, failed] = [first, "20200102T030405"].map((name) =>
      join(tool.directory, "main", at(name)[place ? 0 : 1])
    );
    const info = await Deno.readTextFile(known);
    await Deno.mkdir(join(tool.directory, "main/base/20200102T030405"));
    await Deno.writeTextFile(failed, info.replace(/^status=.*/m, "status=FAILED"));
    for (const path of [join(tool.directory, "main/base/20200102T030405"), failed]) await primary.own(path);
    const backups = await (await open("barman:main", options)).list();
    assert.deepEqual(backups.map(({ unfinished }) => unfinished), ["FAILED", undefined]);
  });
});

Deno.test("a command that fills a directory", async (t) => {
  await t.step("gets the directory as one word, and our environment", async () => {
    const source = await open(
      "command:mkdir -p {dir} && echo 15 >{dir}/PG_VERSION && echo base >{dir}/backup_label",
      {},
    );
    await using place = await restored(source, (await source.list())[0]);
    assert.equal(await Deno.readTextFile(join(place.directory, "backup_label")), "base\n");
  });

  await t.step("one that fails is quoted, one that fills nothing is told, one without a place is refused", async () => {
    const failing = await open("command:echo no such bucket >&2; false {dir}", {});
    await assert.rejects(
      failing.list().then(([backup]) => restored(failing, backup)),
      isFound("BACKUP_TOOL_COULD_NOT_RESTORE", /no such bucket/),
    );
    const empty = await open("command:true {dir}", {});
    await assert.rejects(empty.list().then(([backup]) => restored(empty, backup)), isFound("NO_CLUSTER_RESTORED"));
    await assert.rejects(open("command:wal-g backup-fetch /tmp/restore LATEST", {}), isFound("PLACEHOLDER_MISSING"));
  });
});
