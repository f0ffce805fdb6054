import assert from "node:assert/strict";
import { readCatalog } from "../../lib/storage/backup_catalog.ts";
import { databaseOf, momentOf, parseMoment, splitBackupAddress } from "../../lib/storage/backup_name.ts";
import type { Store } from "../../lib/storage/store.ts";

/** A store that has only names. */
function storeOf(...names: string[]): Store {
  const list = async function* ({ prefix = "" } = {}) {
    for (const name of names) if (name.startsWith(prefix)) yield { name, sizeBytes: 7, modifiedAt: new Date() };
  };
  return { address: "/backups", list } as unknown as Store;
}

Deno.test("names: a moment that never was is none", () => {
  assert.equal(parseMoment("20260102T030405Z")?.toISOString(), "2026-01-02T03:04:05.000Z");
  for (const text of ["", "20261302T030405Z", "20260230T030405Z", "20260102T250405Z"]) {
    assert.equal(parseMoment(text), undefined, text);
  }
  assert.equal(databaseOf("my-shop-20260102T030405Z-2"), "my-shop");
  assert.equal(momentOf("my-shop-20260102T030405Z-2"), "20260102T030405Z");
});

Deno.test("catalog: says state, format, size and encryption from names alone, newest first; leaves the rest out", async () => {
  const entries = await readCatalog(storeOf(
    "a-20260101T000000Z.dump",
    "a-20260101T000000Z.manifest.json",
    "a-20260101T000000Z.drill-20260102T000000Z.json",
    "a-20260101T000000Z.drill-20260103T000000Z.json",
    "a-20260101T000000Z.drill-20260103T000000Z-2.json",
    "a-20260101T000000Z.drill-20260103T000000Z-10.json",
    "a-20260103T000000Z.dump/toc.dat.age",
    "a-20260103T000000Z.dump/1.dat.gz.age",
    "a-20260103T000000Z.manifest.json",
    "a-20260104T000000Z.dump",
    "a-20260105T000000Z.manifest.json",
    "a-20260106T000000Z.dump.partial",
    "a-20269901T000000Z.manifest.json",
    "sub/a-20260107T000000Z.manifest.json",
    "notes.txt",
  ));
  assert.deepEqual(
    entries.map(({ name, state, format, sizeBytes, isEncrypted }) => [name, state, format, sizeBytes, isEncrypted]),
    [
      ["a-20260105T000000Z", "dump_missing", undefined, 0, false],
      ["a-20260104T000000Z", "unfinished", "custom", 7, false],
      ["a-20260103T000000Z", "finished", "directory", 14, true],
      ["a-20260101T000000Z", "finished", "custom", 7, false],
    ],
  );
  // Drills that ended in the same second are counted.
  assert.deepEqual(entries.at(-1)!.drillRecords.map(({ name }) => name.replace(/.*drill-/, "")), [
    "20260103T000000Z-10.json",
    "20260103T000000Z-2.json",
    "20260103T000000Z.json",
    "20260102T000000Z.json",
  ]);
});

Deno.test("address: a backup is meant by its dump, its manifest or its name", () => {
  const cases: Record<string, { store: string; name: string }> = {
    "s3://bucket/pg/a-1.dump": { store: "s3://bucket/pg", name: "a-1" },
    "s3://bucket/a-1.manifest.json": { store: "s3://bucket", name: "a-1" },
    "/var/backups/a-1.dump.age": { store: "/var/backups", name: "a-1" },
    "/var/backups/a-1.dump/": { store: "/var/backups", name: "a-1" },
    "/a-1": { store: "/", name: "a-1" },
    "theirs.sql.gz": { store: ".", name: "theirs.sql.gz" },
  };
  for (const [address, expected] of Object.entries(cases)) assert.deepEqual(splitBackupAddress(address), expected);
});
