import assert from "node:assert/strict";
import { join } from "node:path";
import { requireCommitLog } from "../../lib/physical/commit_log.ts";
import type { ControlData } from "../../lib/physical/control_data.ts";

const whole = 262_144;
const perFile = 1_048_576;

/** Which file is missing of these, by name and size; `undefined` if none. */
async function missing(oldestXid: number, nextXid: number, files: Record<string, number>): Promise<unknown> {
  const data = await Deno.makeTempDir();
  await Deno.mkdir(join(data, "pg_xact"));
  for (const [name, size] of Object.entries(files)) {
    await Deno.writeFile(join(data, "pg_xact", name), new Uint8Array(size));
  }
  try {
    await requireCommitLog(data, "base", { oldestXid, nextXid } as ControlData);
  } catch (error) {
    return /lacks (\S+),/.exec((error as Error).message)?.[1];
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("commit log: a file that is missing or cut short is found", async () => {
  assert.equal(await missing(700, 900, { "0000": 8_192 }), undefined);
  assert.equal(await missing(700, 900, {}), "pg_xact/0000");
  assert.equal(await missing(700, 2 * perFile + 5, { "0000": whole, "0001": whole, "0002": 8_192 }), undefined);
  assert.equal(await missing(700, 2 * perFile + 5, { "0000": whole, "0002": 8_192 }), "pg_xact/0001");
  assert.equal(await missing(700, 2 * perFile + 5, { "0001": whole, "0002": 8_192 }), "pg_xact/0000");
  assert.equal(await missing(700, 2 * perFile + 5, { "0000": 8_192, "0001": 8_192 }), "pg_xact/0000");
});

Deno.test("commit log: what the WAL brings is not missed, and transactions are counted round", async () => {
  // It grew while the backup was taken.
  assert.equal(await missing(700, 2 * perFile + 5, { "0000": whole, "0001": 8_192 }), undefined);
  // So much was frozen meanwhile that only older files are in the backup.
  assert.equal(await missing(3 * perFile, 4 * perFile, { "0001": whole, "0002": 8_192 }), undefined);
  const last = 4_096 * perFile - 5;
  assert.equal(await missing(last, 5, { "0FFF": whole, "0000": 8_192 }), undefined);
  assert.equal(await missing(last - perFile, 5, { "0FFE": whole, "0000": 8_192 }), "pg_xact/0FFF");
});
