import assert from "node:assert/strict";
import fc from "fast-check";
import { lsnText, parseLsn } from "../../lib/physical/lsn.ts";
import { recoveryWindow } from "../../lib/physical/recovery_window.ts";
import type { ArchivedFile, PhysicalBackup } from "../../lib/physical/source.ts";
import { parseTimelineHistory } from "../../lib/physical/timeline_history.ts";
import { gatherWal } from "../../lib/physical/wal_archive.ts";
import { historyName, segmentName, segmentStart } from "../../lib/physical/wal_name.ts";

const segmentBytes = 16 * 1024 * 1024;
const monday = Date.UTC(2026, 0, 5);
/** Each segment was archived a minute after the one before. */
const minute = (number: number) => new Date(monday + number * 60_000);
const name = (timeline: number, number: number) => segmentName({ timeline, number });
const file = (timeline: number, number: number): ArchivedFile => ({
  name: name(timeline, number),
  sizeBytes: segmentBytes,
  modifiedAt: minute(number),
});
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const lsn = (number: number, offset = 0) => lsnText(segmentStart(number) + BigInt(offset));

function backup(timeline: number, first: number, last = first, more: Partial<PhysicalBackup> = {}): PhysicalBackup {
  return {
    name: `b${first}`,
    timeline,
    startLsn: lsn(first, 40),
    stopLsn: lsn(last, 256),
    stoppedAt: minute(last),
    parents: [],
    ...more,
  };
}

async function* listing(files: Iterable<ArchivedFile>) {
  yield* files;
}

/** @param histories By timeline: its ancestors, each with the place where the next one began. */
async function windowOf(
  backups: PhysicalBackup[],
  files: ArchivedFile[],
  histories: Record<number, [timeline: number, at: string][]> = {},
) {
  const named = Object.keys(histories).map((timeline) => ({ name: historyName(Number(timeline)) }));
  const archive = await gatherWal(listing([...files, ...named]), { now: new Date(monday + 1e9) });
  const read = Object.entries(histories).map(([timeline, ancestors]) =>
    [
      Number(timeline),
      parseTimelineHistory(ancestors.map(([id, at]) => `${id}\t${at}\tpromoted\n`).join(""), Number(timeline))!,
    ] as const
  );
  const window = recoveryWindow(backups, archive, new Map(read));
  return {
    ...window,
    archive,
    said: {
      windows: window.windows.map(({ timeline, backup, from, to, endsAt }) =>
        `${timeline}: ${backup} ${lsnText(from.lsn)} to ${lsnText(to.lsn)} on ${to.timeline}, ${endsAt}`
      ),
      gaps: window.gaps.map(({ first, last, isCurrent }) =>
        `${name(first.timeline, first.number)}-${name(last.timeline, last.number)}${isCurrent ? "" : " abandoned"}`
      ),
      unusable: window.backups.filter(({ isUsable }) => isUsable === false).map(({ backup, missing }) =>
        `${backup.name} ${name(missing!.timeline, missing!.number)}`
      ),
    },
  };
}

Deno.test("recovery window: one timeline without a gap goes from the end of the first backup to the newest segment", async () => {
  const { said, oldest, newest } = await windowOf(
    [backup(1, 2, 3), backup(1, 10)],
    range(1, 20).map((n) => file(1, n)),
  );
  assert.deepEqual(said, { windows: ["1: b2 0/3000100 to 0/15000000 on 1, newest"], gaps: [], unusable: [] });
  assert.deepEqual([oldest?.at, newest?.at], [minute(3), minute(20)]);
});

Deno.test("recovery window: a gap ends one window, and the next backup begins another", async () => {
  const files = range(1, 20).filter((n) => n !== 6 && n !== 7).map((n) => file(1, n));
  const { said, gaps: [gap], oldest, newest } = await windowOf([backup(1, 2), backup(1, 10)], files);
  assert.deepEqual(said, {
    windows: ["1: b2 0/2000100 to 0/6000000 on 1, gap", "1: b10 0/A000100 to 0/15000000 on 1, newest"],
    gaps: [`${name(1, 6)}-${name(1, 7)}`],
    unusable: [],
  });
  assert.deepEqual([gap.after, gap.before], [minute(5), minute(10)]);
  assert.deepEqual([oldest?.at, newest?.at], [minute(2), minute(20)]);
});

Deno.test("recovery window: WAL that is missing before the oldest backup is not a gap", async () => {
  const { said } = await windowOf([backup(1, 10)], [1, 3, ...range(10, 12)].map((n) => file(1, n)));
  assert.deepEqual(said.gaps, []);
});

Deno.test("recovery window: a backup whose own WAL is missing is of no use", async () => {
  const files = range(1, 9).filter((n) => n !== 3).map((n) => file(1, n));
  const { said } = await windowOf([backup(1, 2, 4), backup(1, 6)], files);
  assert.deepEqual(said.unusable, [`b2 ${name(1, 3)}`]);
  assert.deepEqual(said.windows, ["1: b6 0/6000100 to 0/A000000 on 1, newest"]);
});

Deno.test("recovery window: one that ended with its segment needs nothing of the next", async () => {
  const ends = { ...backup(1, 2), stopLsn: lsn(3) };
  assert.deepEqual((await windowOf([ends], [file(1, 2)])).said.unusable, []);
  assert.deepEqual((await windowOf([{ ...ends, stopLsn: lsn(3, 1) }], [file(1, 2)])).said.unusable, [
    `b2 ${name(1, 3)}`,
  ]);
});

Deno.test("recovery window: a backup that holds its WAL needs the archive only to go on", async () => {
  const { said } = await windowOf([backup(1, 2, 3, { holdsWal: true })], range(4, 6).map((n) => file(1, n)));
  assert.deepEqual(said.windows, ["1: b2 0/3000100 to 0/7000000 on 1, newest"]);
  const alone = await windowOf([backup(1, 2, 3, { holdsWal: true })], []);
  assert.deepEqual(alone.said, { windows: ["1: b2 0/3000100 to 0/3000100 on 1, newest"], gaps: [], unusable: [] });
});

Deno.test("recovery window: it follows the history to the newest timeline, and across the segment that both have", async () => {
  const files = [...range(1, 4).map((n) => file(1, n)), ...range(5, 8).map((n) => file(2, n))];
  const { said, timeline, newest } = await windowOf([backup(1, 2)], files, { 2: [[1, lsn(5, 96)]] });
  assert.deepEqual(said, { windows: ["2: b2 0/2000100 to 0/9000000 on 2, newest"], gaps: [], unusable: [] });
  assert.deepEqual([timeline, newest?.timeline], [2, 2]);
});

Deno.test("recovery window: what an abandoned timeline has after the switch is a separate window", async () => {
  const files = [...range(1, 9).map((n) => file(1, n)), ...range(5, 8).map((n) => file(2, n))];
  const { said } = await windowOf([backup(1, 2), backup(1, 7)], files, { 2: [[1, lsn(5, 96)]] });
  assert.deepEqual(said.windows, [
    "1: b2 0/2000100 to 0/A000000 on 1, newest",
    "2: b2 0/2000100 to 0/9000000 on 2, newest",
  ]);
});

Deno.test("recovery window: a backup made on an abandoned timeline after the switch does not lead to the newest", async () => {
  const files = [...range(1, 9).map((n) => file(1, n)), ...range(5, 8).map((n) => file(2, n))];
  const { said, newest } = await windowOf([backup(1, 7)], files, { 2: [[1, lsn(5, 96)]] });
  assert.deepEqual(said.windows, ["1: b7 0/7000100 to 0/A000000 on 1, newest"]);
  assert.equal(newest, undefined);
});

Deno.test("recovery window: gaps on several timelines are told apart, abandoned ones by that", async () => {
  const files = [
    ...[1, 2, 4, 5, 6, 8].map((n) => file(1, n)), // 3 is on both ways, 7 on the abandoned one
    ...[6, 9].map((n) => file(2, n)),
    ...[9, 11].map((n) => file(3, n)),
  ];
  const { said } = await windowOf([backup(1, 1)], files, {
    2: [[1, lsn(6, 96)]],
    3: [[1, lsn(6, 96)], [2, lsn(9, 96)]],
  });
  assert.deepEqual(said.gaps, [
    `${name(1, 3)}-${name(1, 3)}`,
    `${name(1, 7)}-${name(1, 7)} abandoned`,
    `${name(2, 7)}-${name(2, 8)}`,
    `${name(3, 10)}-${name(3, 10)}`,
  ]);
});

Deno.test("recovery window: a timeline just begun, of which nothing is archived yet, is not a gap", async () => {
  const { said } = await windowOf([backup(1, 2)], range(1, 5).map((n) => file(1, n)), { 2: [[1, lsn(5, 96)]] });
  assert.deepEqual(said, { windows: ["2: b2 0/2000100 to 0/5000060 on 1, newest"], gaps: [], unusable: [] });
});

Deno.test("recovery window: a timeline whose history is missing is cut off, unless the backups are of it", async () => {
  const files = [...range(1, 4).map((n) => file(1, n)), ...range(5, 8).map((n) => file(2, n))];
  const { cutOff, newest } = await windowOf([backup(1, 2)], files);
  assert.deepEqual([cutOff, newest], [[2], undefined]);
  assert.deepEqual((await windowOf([backup(2, 5)], files)).cutOff, []);
});

Deno.test("recovery window: partial, empty and cut segments do not count, compressed ones do", async () => {
  const { archive } = await windowOf([], [
    { name: `${name(1, 1)}.gz`, sizeBytes: 20_000 },
    { name: `${name(1, 2)}-76ca3656b1b1487ed5269ce15ba5cd2ada380987.zst`, sizeBytes: 9 },
    { name: name(1, 3), sizeBytes: 4_096, modifiedAt: minute(3) },
    { name: `${name(1, 4)}.lz4`, sizeBytes: 0, modifiedAt: minute(4) },
    { name: `${name(1, 5)}.partial`, sizeBytes: segmentBytes },
    { name: name(1, 6), sizeBytes: 1, modifiedAt: new Date(monday + 1e9 - 1_000) }, // is being copied
    { name: `${name(1, 2)}-aaaa3656b1b1487ed5269ce15ba5cd2ada380987.zst`, sizeBytes: 9 },
    { name: "lost+found" },
  ]);
  assert.deepEqual(archive.runs(1), [{ first: 1, last: 2 }]);
  assert.deepEqual(archive.wrongSize.map((wrong) => wrong.name), [name(1, 3), `${name(1, 4)}.lz4`]);
  assert.deepEqual(archive.twice, [name(1, 2)]);
});

/** Timelines 1, 2, … that each branched off one before; which segments are there; where backups are. */
const anyArchive = fc.record({
  branches: fc.array(fc.record({ parent: fc.nat(4), at: fc.integer({ min: 2, max: 20 }) }), { maxLength: 4 }),
  present: fc.uniqueArray(
    fc.record({ timeline: fc.integer({ min: 1, max: 5 }), number: fc.integer({ min: 1, max: 24 }) }),
    {
      selector: ({ timeline, number }) => `${timeline} ${number}`,
      maxLength: 90,
      size: "max",
    },
  ),
  starts: fc.array(
    fc.record({ timeline: fc.integer({ min: 1, max: 5 }), first: fc.integer({ min: 1, max: 20 }), length: fc.nat(2) }),
    { maxLength: 4 },
  ),
});

Deno.test("recovery window: whatever is missing, a walk segment by segment comes to the same", async () => {
  await fc.assert(
    fc.asyncProperty(anyArchive, async ({ branches, present, starts }) => {
      const ancestors: [timeline: number, segment: number][][] = [[]];
      for (const { parent, at } of branches) {
        const of = parent % ancestors.length;
        if (at < (ancestors[of].at(-1)?.[1] ?? 0)) continue; // it began later
        ancestors.push([...ancestors[of], [of + 1, at]]);
      }
      const known = ancestors.length;
      const files = present.filter(({ timeline }) => timeline <= known);
      // A backup begins on its own timeline.
      const isPossible = ({ timeline, first }: { timeline: number; first: number }) =>
        timeline <= known && first > (ancestors[timeline - 1].at(-1)?.[1] ?? 0);
      const backups = starts.filter(isPossible).map(({ timeline, first, length }, i) =>
        backup(timeline, first, first + length, { name: `b${i}` })
      );
      const histories = Object.fromEntries(
        ancestors.slice(1).map((of, i) => [i + 2, of.map(([id, at]) => [id, lsn(at, 96)] as [number, string])]),
      );
      const { windows, gaps, newest } = await windowOf(
        backups,
        files.map(({ timeline, number }) => file(timeline, number)),
        histories,
      );
      const has = (timeline: number, number: number) =>
        files.some((one) => one.timeline === timeline && one.number === number);
      /** Which timeline's file of this segment leads to the timeline. */
      const owner = (timeline: number, number: number) =>
        ancestors[timeline - 1].find(([, at]) => number < at)?.[0] ?? timeline;
      for (const { timeline, backup: name, from, to } of windows) {
        const start = parseLsn(backups.find((one) => one.name === name)!.startLsn!)!;
        let number = Number(start / BigInt(segmentBytes));
        while (has(owner(timeline, number), number)) number++;
        const walked = segmentStart(number);
        // It may end where a timeline branched off, in a segment that only the older one has.
        const branch = ancestors[timeline - 1].find(([, at]) => at === number);
        const end = branch && has(branch[0], number) ? walked + 96n : walked;
        assert.equal(to.lsn, end > from.lsn ? end : from.lsn);
      }
      for (const { first, last } of gaps) {
        for (const number of range(first.number, last.number)) assert.ok(!has(first.timeline, number));
      }
      // Of the newest timeline: all that is missing from the first backup on is in a gap.
      const onWay = backups.filter(({ timeline, stopLsn }) =>
        timeline === known ||
        ancestors[known - 1].some(([id, at]) => id === timeline && parseLsn(stopLsn!)! <= segmentStart(at) + 96n)
      );
      const oldest = Math.min(...onWay.map(({ startLsn }) => Number(parseLsn(startLsn!)! / BigInt(segmentBytes))));
      const newestNumber = range(1, 24).findLast((number) => has(owner(known, number), number)) ?? 0;
      const missing = range(1, 24).filter((number) =>
        number >= oldest && number < newestNumber && !has(owner(known, number), number)
      );
      const told = gaps.filter(({ isCurrent }) => isCurrent).flatMap(({ first, last }) =>
        range(first.number, last.number)
      );
      assert.deepEqual(told.sort((a, b) => a - b), missing);
      if (missing.length === 0 && onWay.length > 0 && newest && newestNumber > 0 && oldest <= newestNumber) {
        assert.ok(newest.lsn >= segmentStart(newestNumber + 1));
      }
    }),
    { numRuns: 500 },
  );
});
