import assert from "node:assert/strict";
import fc from "fast-check";
import { lsnText, parseLsn } from "../../lib/physical/lsn.ts";
import { parseTimelineHistory } from "../../lib/physical/timeline_history.ts";
import {
  historyName,
  parseWalName,
  segmentAt,
  segmentBefore,
  segmentName,
  segmentStart,
} from "../../lib/physical/wal_name.ts";

const MB = 1024 * 1024;
const segmentSizes = Array.from({ length: 11 }, (_, power) => 2 ** power * MB); // 1 MB to 1 GB
const anySize = fc.constantFrom(...segmentSizes);
const anyLsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyTimeline = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const anySegment = fc.record({ timeline: anyTimeline, lsn: anyLsn, size: anySize }).map(({ timeline, lsn, size }) => ({
  segment: { timeline, number: segmentAt(lsn, size) },
  size,
}));

Deno.test("wal names: a place in the WAL is printed as it is read", () => {
  fc.assert(fc.property(anyLsn, (lsn) => assert.equal(parseLsn(lsnText(lsn)), lsn)));
  assert.equal(lsnText(parseLsn("1a/30000a0")!), "1A/30000A0");
  for (const text of ["", "0", "0/", "/0", "0/123456789", "g/0", " 0/0", "0/0 ", "0/0\n"]) {
    assert.equal(parseLsn(text), undefined, text);
  }
});

Deno.test("wal names: a segment's name is read as it is made, whatever the size of segments", () => {
  fc.assert(fc.property(anySegment, ({ segment, size }) => {
    const name = segmentName(segment, size);
    assert.match(name, /^[0-9A-F]{24}$/);
    assert.deepEqual(parseWalName(name, size), { kind: "segment", segment, isPartial: false });
  }));
});

Deno.test("wal names: names sort as the segments of a timeline do, and the next one is one further", () => {
  fc.assert(fc.property(anySegment, fc.integer({ min: 1, max: 2 ** 20 }), ({ segment, size }, further) => {
    const later = { ...segment, number: segment.number + further };
    if (segmentStart(later.number, size) >= 2n ** 64n) return;
    assert.ok(segmentName(segment, size) < segmentName(later, size));
  }));
});

Deno.test("wal names: a place lies in the segment that is computed for it, and its end in the one before", () => {
  fc.assert(fc.property(anyLsn, anySize, (lsn, size) => {
    const number = segmentAt(lsn, size);
    assert.ok(segmentStart(number, size) <= lsn && lsn < segmentStart(number + 1, size));
    const last = segmentBefore(lsn, size);
    assert.ok(lsn === 0n || segmentStart(last, size) < lsn && lsn <= segmentStart(last + 1, size));
  }));
});

Deno.test("wal names: endings say what a file is, and any compression is seen", () => {
  const ending = fc.constantFrom("", ".gz", ".lz4", ".zst", ".bz2", ".xz");
  const sha1 = fc.constantFrom("", "-76ca3656b1b1487ed5269ce15ba5cd2ada380987");
  fc.assert(fc.property(anySegment, fc.boolean(), sha1, ending, ({ segment, size }, isPartial, sha1, ending) => {
    const name = `${segmentName(segment, size)}${isPartial ? ".partial" : ""}${sha1}${ending}`;
    const compression = ending === "" ? {} : { compression: ending.slice(1) };
    assert.deepEqual(parseWalName(name, size), { kind: "segment", segment, isPartial, ...compression });
    const history = historyName(segment.timeline) + ending;
    assert.deepEqual(parseWalName(history), { kind: "history", timeline: segment.timeline, ...compression });
    const backup = `${segmentName(segment, size)}.00000028.backup${ending}`;
    assert.deepEqual(parseWalName(backup, size), { kind: "backup", segment, offset: 0x28, ...compression });
  }));
});

Deno.test("wal names: as Postgres names them", () => {
  const sizes: [bytes: number, lsn: string, name: string][] = [
    [16 * MB, "0/1000000", "000000010000000000000001"],
    [16 * MB, "1/0", "000000010000000100000000"],
    [16 * MB, "0/FFFFFFFF", "0000000100000000000000FF"],
    [64 * MB, "2/FC000000", "00000001000000020000003F"],
    [1 * MB, "0/FFFFFFFF", "000000010000000000000FFF"],
    [1024 * MB, "A/C0000000", "000000010000000A00000003"],
  ];
  for (const [bytes, lsn, name] of sizes) {
    assert.equal(segmentName({ timeline: 1, number: segmentAt(parseLsn(lsn)!, bytes) }, bytes), name);
  }
});

Deno.test("wal names: a name that is not WAL is not taken for one", () => {
  const others = [
    "",
    "backup_label",
    "archive.info",
    "0000000100000000", // a directory of pgBackRest's or Barman's
    "0000000100000000000000G1",
    "000000010000000000000001 ",
    "000000010000000000000001\n",
    "000000010000000000000001.tmp",
    "000000010000000000000001.gz.tmp",
    "000000010000000000000001.pgbackrest.tmp",
    "000000010000000000000001.backup",
    "000000010000000000000001-76ca.gz",
    "00000001000000000000000a",
    "000000000000000000000001", // timelines begin with 1
    "000000010000000000000100", // with segments of 16 MB there are 256 of them
    "000000010000000000000001.01000000.backup", // behind the end of its segment
    "1.history",
    ".history",
  ];
  for (const name of others) assert.equal(parseWalName(name), undefined, name);
  assert.ok(parseWalName("000000010000000000000100", MB));
});

Deno.test("wal names: a timeline's history is read as Postgres reads it", () => {
  const at = (text: string) => parseLsn(text)!;
  const text = "1\t0/5000060\tno recovery target specified\n\n# by hand\n3\t0/9000000\tbefore 2026-01-02\n";
  assert.deepEqual(parseTimelineHistory(text, 4), [
    { timeline: 1, at: at("0/5000060") },
    { timeline: 3, at: at("0/9000000") },
  ]);
  const refused: [text: string, timeline: number][] = [
    ["", 2],
    ["1\n", 2],
    ["one\t0/5000060\t\n", 2],
    ["1\t0/G\t\n", 2],
    ["2\t0/5000060\t\n", 2], // its own parent
    ["2\t0/5000060\t\n1\t0/6000000\t\n", 3],
  ];
  for (const [text, timeline] of refused) assert.equal(parseTimelineHistory(text, timeline), undefined, text);
});
