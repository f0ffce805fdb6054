import assert from "node:assert/strict";
import { join } from "node:path";
import type { PhysicalDrillOptions } from "../../../lib/jobs/physical/physical_options.ts";
import { codesOf, copyOf, flipByte, runPhysicalDrill, segmentsOf } from "../../support/physical_drills.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

/** What a broken situation leads to: how it is broken, in a copy, and what it is drilled with besides. */
interface Situation {
  name: string;
  codes: string[];
  /** Of a message or its detail. */
  says?: RegExp;
  verdict?: "pass" | "fail" | "unknown";
  /** How far it comes. */
  phases?: string[];
  change?: (copy: { base: string; archive: string }) => Promise<unknown>;
  options?: (copy: { base: string; archive: string }) => Partial<PhysicalDrillOptions>;
}

/** Makes the first record that begins in a segment one of an extension's. */
async function giveToExtension(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  // Behind the long header of the first page comes the rest of a record that began in the segment before.
  const align = (at: number) => Math.ceil(at / 8) * 8;
  const place = align(40 + view.getUint32(16, true));
  const length = view.getUint32(place, true);
  assert.ok(place + length < 8_192 && length >= 24, "it lies in the first page");
  bytes[place + 17] = 200;
  let crc = 0xffffffff;
  const add = (byte: number) => {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
  };
  bytes.subarray(place + 24, place + length).forEach(add);
  bytes.subarray(place, place + 20).forEach(add);
  view.setUint32(place + 20, ~crc >>> 0, true);
  await Deno.writeFile(path, bytes);
}

Deno.test("physical drill: odd states of backups and archives are named", async (t) => {
  await using primary = await startPhysicalPrimary();
  const { archive, directory } = primary;
  const pgbench = (...args: string[]) =>
    primary.run("pgbench", "-h", join(directory, "socket"), "-U", "postgres", ...args, "postgres");
  await pgbench("-i", "-q");
  const writing = pgbench("-n", "-c", "2", "-T", "4");
  const base = await primary.backUp("base", "--wal-method=none");
  await writing;
  const sql = await primary.connect();
  const [{ table }] = await sql<{ table: string }[]>`SELECT pg_relation_filepath('public.pgbench_tellers') AS table`;
  await sql.end();
  await primary.archiveAll();
  const segments = await segmentsOf(archive);
  const first = /file ([0-9A-F]{24})/.exec(await Deno.readTextFile(join(base, "backup_label")))![1];
  const last = segments.at(-1)!;
  const middle = segments.at(-2)!;
  const at = (archive: string, name: string) => join(archive, name);
  const write = (...path: string[]) => (text: string) => Deno.writeTextFile(join(...path), text);
  const pack = (path: string) => new Deno.Command("gzip", { args: [path] }).output();

  const situations: Situation[] = [
    { name: "nothing broken", codes: [] },
    {
      name: "an empty archive",
      codes: ["WAL_MISSING"],
      change: async ({ archive }) => {
        await Deno.remove(archive, { recursive: true });
        await Deno.mkdir(archive);
      },
    },
    {
      name: "an archive of nothing but what backups leave in it",
      codes: ["WAL_MISSING"],
      change: async ({ archive }) => {
        for (const name of segments) await Deno.remove(at(archive, name));
      },
    },
    {
      name: "a segment larger than segments are",
      codes: ["WAL_UNUSABLE"],
      change: ({ archive }) => Deno.truncate(at(archive, middle), 16 * 1024 * 1024),
    },
    {
      name: "an empty segment",
      codes: ["WAL_UNUSABLE"],
      change: ({ archive }) => Deno.truncate(at(archive, middle), 0),
    },
    {
      name: "a segment of zeros",
      codes: ["WAL_UNUSABLE"],
      change: ({ archive }) => Deno.writeFile(at(archive, middle), new Uint8Array(1024 * 1024)),
    },
    {
      name: "the backup's first segment is of zeros",
      codes: ["WAL_UNUSABLE"],
      change: ({ archive }) => Deno.writeFile(at(archive, first), new Uint8Array(1024 * 1024)),
    },
    {
      name: "a packed segment that cannot be unpacked",
      codes: ["WAL_UNUSABLE"],
      says: /not in gzip format/,
      change: async ({ archive }) => {
        await Deno.remove(at(archive, middle));
        await Deno.writeTextFile(at(archive, `${middle}.gz`), "this is not packed at all");
      },
    },
    {
      name: "a packed segment cut short",
      codes: ["WAL_UNUSABLE"],
      says: /unexpected end of file/,
      change: async ({ archive }) => {
        await pack(at(archive, middle));
        await Deno.truncate(at(archive, `${middle}.gz`), 5_000);
      },
    },
    {
      name: "the backup's first segment is packed, and damaged",
      codes: ["WAL_UNUSABLE"],
      change: async ({ archive }) => {
        await pack(at(archive, first));
        await flipByte(at(archive, `${first}.gz`), 3_000);
      },
    },
    {
      name: "the last segment is there as a partial one only",
      codes: [],
      change: ({ archive }) => Deno.rename(at(archive, last), at(archive, `${last}.partial`)),
    },
    {
      name: "a partial segment in the middle",
      codes: ["WAL_MISSING"],
      change: ({ archive }) => Deno.rename(at(archive, middle), at(archive, `${middle}.partial`)),
    },
    {
      name: "segments that are links to files elsewhere are segments",
      codes: [],
      change: async ({ archive }) => {
        await Deno.mkdir(join(archive, "elsewhere"));
        await Deno.rename(at(archive, middle), join(archive, "elsewhere", middle));
        await Deno.symlink(join("elsewhere", middle), at(archive, middle));
      },
    },
    {
      name: "a segment that is a link to itself",
      codes: ["WAL_MISSING"],
      change: async ({ archive }) => {
        await Deno.remove(at(archive, middle));
        await Deno.symlink(middle, at(archive, middle));
      },
    },
    {
      name: "a segment that is a directory",
      codes: ["WAL_MISSING"],
      change: async ({ archive }) => {
        await Deno.remove(at(archive, middle));
        await Deno.mkdir(at(archive, middle));
      },
    },
    {
      name: "what is not WAL in the archive is let lie",
      codes: [],
      change: async ({ archive }) => {
        for (const name of ["README", "0000000100000000000000ZZ", ".tmp", `${last}.tmp`]) {
          await write(archive, name)("x");
        }
        await Deno.mkdir(join(archive, "lost+found"));
      },
    },
    {
      name: "a history that is nonsense",
      codes: ["RECOVERY_FAILED"],
      change: ({ archive }) => write(archive, "00000002.history")("nonsense\n"),
    },
    {
      name: "a history of a timeline that has no WAL",
      codes: [],
      change: ({ archive }) => write(archive, "00000002.history")(`1\t0/FF000000\tno recovery target specified\n`),
    },
    {
      name: "a backup_label that is nonsense",
      codes: ["PHYSICAL_BACKUP_INCOMPLETE"],
      change: ({ base }) => write(base, "backup_label")("nonsense\n"),
    },
    {
      name: "a backup_label of another backup",
      codes: ["PHYSICAL_BACKUP_DAMAGED"],
      change: async ({ base }) => {
        const text = await Deno.readTextFile(join(base, "backup_label"));
        await write(base, "backup_label")(text.replace(/LABEL: .*/, "LABEL: another one of them"));
      },
    },
    {
      name: "a backup_manifest cut short",
      codes: ["PHYSICAL_BACKUP_DAMAGED"],
      change: ({ base }) => Deno.truncate(join(base, "backup_manifest"), 3_000),
    },
    {
      name: "a backup_manifest that is nonsense",
      codes: ["PHYSICAL_BACKUP_DAMAGED"],
      change: ({ base }) => write(base, "backup_manifest")("nonsense\n"),
    },
    {
      name: "a file that is a link to the host's",
      codes: ["PHYSICAL_BACKUP_DAMAGED"],
      change: async ({ base }) => {
        await Deno.remove(join(base, table));
        await Deno.symlink("/etc/passwd", join(base, table));
      },
    },
    {
      name: "no PG_VERSION",
      codes: ["PHYSICAL_SOURCE_UNUSABLE"],
      change: ({ base }) => Deno.remove(join(base, "PG_VERSION")),
    },
    {
      name: "a PG_VERSION that is nonsense",
      codes: ["PHYSICAL_SOURCE_UNUSABLE"],
      change: ({ base }) => write(base, "PG_VERSION")("nonsense\n"),
    },
    {
      name: "no pg_control, and no manifest that misses it",
      codes: ["CONTROL_FILE_UNREADABLE"],
      change: async ({ base }) => {
        await Deno.remove(join(base, "backup_manifest"));
        await Deno.remove(join(base, "global/pg_control"));
      },
    },
    {
      name: "a backup of a machine with another byte order",
      codes: ["CONTROL_FILE_UNREADABLE"],
      verdict: "unknown",
      says: /another byte order/,
      phases: ["find", "restore", "cleanup"],
      change: async ({ base }) => {
        const path = join(base, "global/pg_control");
        const bytes = await Deno.readFile(path);
        bytes.set(bytes.slice(8, 12).reverse(), 8);
        await Deno.writeFile(path, bytes);
      },
    },
    {
      name: "WAL of an extension that has its own kinds of records",
      codes: ["RECOVERY_FAILED"],
      verdict: "unknown",
      says: /resource manager 200/,
      change: ({ archive }) => giveToExtension(at(archive, middle)),
    },
    {
      name: "no record of which transactions were committed, and no manifest that misses it",
      codes: ["PHYSICAL_BACKUP_INCOMPLETE"],
      change: async ({ base }) => {
        await Deno.remove(join(base, "backup_manifest"));
        await Deno.remove(join(base, "pg_xact/0000"));
      },
    },
    {
      name: "the map of system tables is damaged, and no manifest says so",
      codes: ["RECOVERY_FAILED"],
      change: async ({ base }) => {
        await Deno.remove(join(base, "backup_manifest"));
        await flipByte(join(base, "global/pg_filenode.map"), 20);
      },
    },
    {
      name: "a place that the WAL does not come to",
      codes: ["TARGET_NOT_REACHED"],
      options: () => ({ target: { kind: "lsn", value: "F/0" } }),
    },
    {
      name: "a transaction that never was",
      codes: ["TARGET_NOT_REACHED"],
      options: () => ({ target: { kind: "xid", value: "4000000" } }),
    },
    {
      name: "a restore_command that succeeds and brings nothing",
      codes: ["WAL_MISSING"],
      options: () => ({ restoreCommand: "true", walArchive: undefined }),
    },
    {
      name: "a restore_command that is killed",
      codes: ["RESTORE_COMMAND_FAILED"],
      verdict: "unknown",
      options: () => ({ restoreCommand: "kill -9 $$", walArchive: undefined }),
    },
    {
      name: "a restore_command that hangs",
      codes: ["TIMEOUT"],
      verdict: "unknown",
      options: ({ archive }) => ({
        restoreCommand: `[ %f != ${middle} ] || sleep 600; cp ${archive}/%f "%p"`,
        walArchive: undefined,
        timeoutMs: 3_000,
      }),
    },
    {
      name: "a restore_command without a segment of the backup is refused at once",
      codes: ["WAL_MISSING"],
      phases: ["find"],
      change: ({ archive }) => Deno.remove(at(archive, first)),
      options: ({ archive }) => ({ restoreCommand: `cp ${archive}/%f "%p"`, walArchive: undefined }),
    },
    {
      name: "a restore_command without a segment before an LSN is refused at once",
      codes: ["WAL_MISSING"],
      phases: ["find"],
      change: ({ archive }) => Deno.remove(at(archive, middle)),
      options: ({ archive }) => ({
        restoreCommand: `cp ${archive}/%f "%p"`,
        walArchive: undefined,
        target: { kind: "lsn", value: `0/${last.slice(-2)}00100` },
      }),
    },
    {
      name: "neither an archive nor a restore_command for a backup without its WAL",
      codes: ["WAL_MISSING"],
      options: () => ({ walArchive: undefined }),
    },
  ];
  for (const { name, codes, says, phases, verdict: expected, change, options } of situations) {
    await t.step(name, async () => {
      const copy = { base: await copyOf(base), archive: await copyOf(archive) };
      try {
        await change?.(copy);
        const verdict = await runPhysicalDrill(copy.base, { walArchive: copy.archive, ...options?.(copy) });
        const said = JSON.stringify(verdict.findings, null, 1);
        assert.deepEqual(codesOf(verdict), codes, said);
        assert.equal(verdict.verdict, expected ?? (codes.length === 0 ? "pass" : "fail"), said);
        if (phases) assert.deepEqual(verdict.phases.map(({ name }) => name), phases);
        if (says) assert.match(said, says);
      } finally {
        await Promise.all(Object.values(copy).map((path) => Deno.remove(path, { recursive: true })));
      }
    });
  }
});
