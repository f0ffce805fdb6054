import assert from "node:assert/strict";
import { parseLsn } from "../../lib/physical/lsn.ts";
import { chooseAmong, commitsIn } from "../../lib/physical/place_of_mark.ts";
import { parseSnapshot } from "../../lib/physical/snapshot_text.ts";

const printed = (xid: number, lsn: string, what: string) =>
  `rmgr: Transaction len (rec/tot):     34/    34, tx: ${
    String(xid).padStart(10)
  }, lsn: ${lsn}, prev 0/1000028, desc: ${what} 2026-01-02 03:04:05.000000 UTC\n`;

Deno.test("place of a mark: commits are read as pg_waldump prints them, prepared ones under their own number", () => {
  const commits = commitsIn(
    printed(700, "0/1000060", "COMMIT") + printed(701, "0/1000090", "ABORT") +
      printed(0, "0/10000C0", "COMMIT_PREPARED 699:"),
  );
  assert.deepEqual(commits, [{ xid: 700n, lsn: parseLsn("0/1000060") }, { xid: 699n, lsn: parseLsn("0/10000C0") }]);
});

Deno.test("place of a mark: it is behind the last commit that the snapshot shows, before the next", () => {
  const choose = (snapshot: string, ...xids: bigint[]) =>
    chooseAmong(xids.map((xid, place) => ({ xid, lsn: BigInt(place) })), parseSnapshot(snapshot));
  assert.equal(choose("700:703:701", 700n, 702n, 701n, 703n), 2n);
  assert.equal(choose("700:703:701", 700n, 701n, 702n, 703n), 3n, "701 lies before what the snapshot shows");
  assert.equal(choose("700:703:701", 700n, 702n), undefined, "nothing came later");
  assert.equal(choose("700:700:", 700n, 701n), 0n, "all that it shows was committed before");
  // The WAL has the lower 32 bits.
  assert.equal(choose("4294967300:4294967301:", 4n, 5n), 1n);
  assert.equal(choose("4294967297:4294967298:", 4294967295n, 1n, 2n), 2n);
});
