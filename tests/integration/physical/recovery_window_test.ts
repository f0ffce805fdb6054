import assert from "node:assert/strict";
import { join } from "node:path";
import { findServerTools } from "../../../lib/postgres/tools.ts";
import { setUpBarman, setUpPgBackRest, writeAndArchive } from "../../support/backup_tools.ts";
import { findProgram } from "../../support/find_program.ts";
import { needing } from "../../support/needing.ts";
import { type Outcome, pgrehearse } from "../../support/pgrehearse.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

const pgbackrest = await findProgram("pgbackrest");
const barman = await findProgram("barman");
const { major } = await findServerTools();

const codes = ({ verdict }: Outcome) => verdict.findings.map(({ code }) => code);
const size = 1024 * 1024;

/** Runs it with a file of the archive changed, and puts that back. */
async function withChanged(
  path: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
  run: () => Promise<void>,
) {
  const [bytes, { mtime }] = [await Deno.readFile(path), await Deno.stat(path)];
  const changed = change(bytes);
  if (changed) await Deno.writeFile(path, changed);
  else await Deno.remove(path);
  if (changed) await Deno.utime(path, mtime!, new Date(mtime!.getTime() - 3_600_000));
  await run();
  await Deno.writeFile(path, bytes);
  await Deno.utime(path, mtime!, mtime!);
}

Deno.test("recovery-window of a directory", async (t) => {
  await using primary = await startPhysicalPrimary();
  const base = await primary.backUp("first", "-X", "none");
  const segments: string[] = [];
  for (let count = 0; count < 5; count++) segments.push(await writeAndArchive(primary));
  const args = ["recovery-window", "--physical", base, "--wal-archive", primary.archive];
  const at = (name: string) => join(primary.archive, name);

  await t.step("what is whole can be recovered from the end of the backup to the newest segment", async () => {
    const outcome = await pgrehearse(args);
    assert.deepEqual([outcome.status, codes(outcome)], [0, []]);
    const { recovery_window: window, recovery } = outcome.verdict;
    assert.equal(window?.newest_segment, segments.at(-1));
    assert.deepEqual([window?.gaps, window?.windows.length], [[], 1]);
    assert.ok(recovery?.rpo_ms !== undefined);
    assert.match(outcome.stderr, /recoverable from .* by first/);
  });

  await t.step("a segment that is missing is named", async () => {
    await withChanged(at(segments[2]), () => undefined, async () => {
      const outcome = await pgrehearse(args);
      assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_GAP"]]);
      assert.equal(outcome.verdict.findings[0].object, segments[2]);
      assert.equal(outcome.verdict.recovery_window?.windows[0].ends_at, "gap");
    });
  });

  await t.step("one that was cut short counts as missing, and is named as that", async () => {
    await withChanged(at(segments[2]), (bytes) => bytes.slice(0, size / 2), async () => {
      const outcome = await pgrehearse(args);
      assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_SEGMENT_DAMAGED", "WAL_GAP"]]);
    });
  });

  await t.step("a backup without the WAL that makes it consistent", async () => {
    const start = outcomeStart(await Deno.readTextFile(join(base, "backup_label")));
    await withChanged(at(start), () => undefined, async () => {
      const outcome = await pgrehearse(args);
      assert.equal(outcome.status, 1);
      assert.ok(codes(outcome).includes("BACKUP_WITHOUT_WAL"), codes(outcome).join());
    });
  });

  await t.step("an archive that lags behind its limit", async () => {
    const outcome = await pgrehearse([...args, "--rpo-limit", "1ms"]);
    assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_ARCHIVE_LAGS"]]);
    assert.equal((await pgrehearse([...args, "--rpo-limit", "1d"])).status, 0);
  });

  await t.step("status says the same, and whether the newest backup is fresh", async () => {
    const status = ["status", ...args.slice(1)];
    assert.equal((await pgrehearse(status)).status, 0);
    const old = await pgrehearse([...status, "--max-age", "1ms"]);
    assert.deepEqual([old.status, codes(old)], [1, ["BACKUP_TOO_OLD"]]);
    await withChanged(at(segments[2]), () => undefined, async () => {
      const gapped = await pgrehearse(status);
      assert.deepEqual([gapped.status, codes(gapped)], [1, ["WAL_GAP"]]);
    });
  });

  await t.step("compressed segments are read as Postgres' own, whatever packed them", async () => {
    await primary.own(at(segments[1]));
    await new Deno.Command("gzip", { args: [at(segments[1])] }).output();
    assert.equal((await pgrehearse(args)).status, 0);
    await new Deno.Command("gunzip", { args: [at(segments[1])] }).output();
  });

  await t.step("a new timeline is followed by its history, and cut off without it", async () => {
    const name = (timeline: number, segment: string) => `0000000${timeline}${segment.slice(8)}`;
    const last = segments.at(-1)!;
    const next = name(2, (BigInt(`0x${last}`) + 1n).toString(16).toUpperCase().padStart(24, "0"));
    const switched = `0/${(parseInt(last.slice(16), 16) + 1).toString(16).toUpperCase()}00060`;
    await Deno.copyFile(at(last), at(next));
    await Deno.writeTextFile(at("00000002.history"), `1\t${switched}\tno recovery target specified\n`);
    const followed = await pgrehearse(args);
    assert.deepEqual([followed.status, followed.verdict.recovery_window?.newest?.timeline], [0, 2]);
    await Deno.writeTextFile(at("00000002.history"), "nonsense\n");
    const damaged = await pgrehearse(args);
    assert.deepEqual([damaged.status, codes(damaged)], [1, ["TIMELINE_CUT_OFF"]]);
    await Deno.remove(at("00000002.history"));
    const missing = await pgrehearse(args);
    assert.deepEqual([missing.status, codes(missing)], [1, ["TIMELINE_CUT_OFF"]]);
    await Deno.remove(at(next));
  });

  await t.step("an archive that is not named, and one that is not there", async () => {
    const unnamed = await pgrehearse(["recovery-window", "--physical", base]);
    assert.deepEqual([unnamed.status, codes(unnamed)], [2, ["WAL_NOT_LISTED"]]);
    const gone = await pgrehearse(["recovery-window", "--physical", base, "--wal-archive", "/nowhere"]);
    assert.deepEqual([gone.status, codes(gone)], [2, ["WAL_ARCHIVE_UNREADABLE"]]);
  });
});

function outcomeStart(label: string): string {
  return /\(file ([0-9A-F]{24})\)/.exec(label)![1];
}

Deno.test(needing({ pgbackrest }, "recovery-window of pgBackRest, and a drill of it"), async (t) => {
  await using primary = await startPhysicalPrimary();
  await using tool = await setUpPgBackRest(primary);
  await tool.run("backup", "--type=full");
  const segments: string[] = [];
  for (let count = 0; count < 4; count++) segments.push(await writeAndArchive(primary));
  await tool.caughtUp();
  const source = ["--physical", "pgbackrest:main", "--pgbackrest-config", tool.config];
  const archive = join(tool.directory, `repo/archive/main/${major}-1/0000000100000000`);
  const stored = async (segment: string) => {
    const names = await Array.fromAsync(Deno.readDir(archive), ({ name }) => name);
    return join(archive, names.find((name) => name.startsWith(segment))!);
  };

  await t.step("what is whole", async () => {
    const outcome = await pgrehearse(["recovery-window", ...source]);
    assert.deepEqual([outcome.status, codes(outcome)], [0, []]);
    assert.equal(outcome.verdict.recovery_window?.newest_segment, segments.at(-1));
  });

  await t.step("a segment missing in the repository, and one emptied", async () => {
    const path = await stored(segments[1]);
    await withChanged(path, () => undefined, async () => {
      const outcome = await pgrehearse(["recovery-window", ...source]);
      assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_GAP"]]);
      assert.equal(outcome.verdict.findings[0].object, segments[1]);
    });
    await withChanged(path, () => new Uint8Array(), async () => {
      const outcome = await pgrehearse(["recovery-window", ...source]);
      assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_SEGMENT_DAMAGED", "WAL_GAP"]]);
    });
    await primary.own(path);
  });

  await t.step("a segment that two servers pushed", async () => {
    const path = await stored(segments[1]);
    const twin = path.replace(/-[0-9a-f]{4}/, "-ffff");
    await Deno.copyFile(path, twin);
    const outcome = await pgrehearse(["recovery-window", ...source]);
    assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_SEGMENT_TWICE"]]);
    await Deno.remove(twin);
  });

  await t.step("a stanza without a backup", async () => {
    await using empty = await setUpPgBackRest(primary);
    const outcome = await pgrehearse([
      "recovery-window",
      "--physical",
      "pgbackrest:main",
      "--pgbackrest-config",
      empty.config,
    ]);
    assert.deepEqual([outcome.status, codes(outcome)], [1, ["NO_PHYSICAL_BACKUP"]]);
  });

  await t.step("a stanza that is not there", async () => {
    const outcome = await pgrehearse(["recovery-window", ...source.toSpliced(1, 1, "pgbackrest:other")]);
    assert.deepEqual([outcome.status, codes(outcome)], [2, ["BACKUP_TOOL_FAILED"]]);
  });

  await t.step("a drill to the newest point passes", async () => {
    const outcome = await pgrehearse(["drill", ...source]);
    assert.deepEqual([outcome.status, outcome.verdict.proof], [0, "recovered"], outcome.stderr);
  });
});

Deno.test(needing({ barman }, "recovery-window of Barman, and a drill of it"), async (t) => {
  await using primary = await startPhysicalPrimary();
  await using tool = await setUpBarman(primary);
  await writeAndArchive(primary);
  await tool.caughtUp();
  await tool.run("backup", "main");
  const segments: string[] = [];
  for (let count = 0; count < 4; count++) segments.push(await writeAndArchive(primary));
  await tool.caughtUp();
  const source = ["--physical", "barman:main", "--barman-config", tool.config];

  await t.step("what is whole", async () => {
    const outcome = await pgrehearse(["recovery-window", ...source]);
    assert.deepEqual([outcome.status, codes(outcome)], [0, []]);
    assert.equal(outcome.verdict.recovery_window?.newest_segment, segments.at(-1));
  });

  await t.step("a segment that Barman does not know", async () => {
    const wals = await Array.fromAsync(Deno.readDir(join(tool.directory, "main/wals")), ({ name }) => name);
    const database = join(tool.directory, "main/wals", wals.find((name) => name.endsWith("xlog.db"))!);
    await withChanged(
      database,
      (bytes) => {
        const lines = new TextDecoder().decode(bytes).split("\n").filter((line) => !line.startsWith(segments[1]));
        return new TextEncoder().encode(lines.join("\n"));
      },
      async () => {
        const outcome = await pgrehearse(["recovery-window", ...source]);
        assert.deepEqual([outcome.status, codes(outcome)], [1, ["WAL_GAP"]]);
        assert.equal(outcome.verdict.findings[0].object, segments[1]);
      },
    );
    await primary.own(database);
  });

  await t.step("a drill to the newest point passes", async () => {
    const outcome = await pgrehearse(["drill", ...source]);
    assert.deepEqual([outcome.status, outcome.verdict.proof], [0, "recovered"], outcome.stderr);
  });
});

Deno.test("drill of a command that fills a directory", async (t) => {
  await using primary = await startPhysicalPrimary();
  const base = await primary.backUp("first", "-X", "none");
  await writeAndArchive(primary);
  const fetch = ["--restore-command", `cp ${primary.archive}/%f %p`];

  await t.step("a tool that copies passes", async () => {
    const outcome = await pgrehearse(["drill", "--physical", `command:cp -a ${base}/. {dir}`, ...fetch]);
    assert.deepEqual([outcome.status, outcome.verdict.proof], [0, "recovered"], outcome.stderr);
  });

  await t.step("what fetches may take longer than the server waits between two attempts", async () => {
    const slow = ["--restore-command", `sleep 0.4; cp ${primary.archive}/%f %p`];
    const outcome = await pgrehearse(["drill", "--physical", `command:cp -a ${base}/. {dir}`, ...slow]);
    assert.deepEqual([outcome.status, outcome.verdict.recovery?.stopped_at], [0, "end"], outcome.stderr);
  });

  await t.step("one that fails, one that fills nothing, one that fills another version", async () => {
    const drill = (command: string) => pgrehearse(["drill", "--physical", `command:${command}`, ...fetch]);
    const failing = await drill("echo no such bucket >&2; false {dir}");
    assert.deepEqual([failing.status, codes(failing)], [1, ["BACKUP_TOOL_COULD_NOT_RESTORE"]]);
    const empty = await drill("true {dir}");
    assert.deepEqual([empty.status, codes(empty)], [1, ["NO_CLUSTER_RESTORED"]]);
    const other = await drill(`cp -a ${base}/. {dir} && echo 9 >{dir}/PG_VERSION`);
    assert.equal(other.status, 2, codes(other).join());
  });
});
