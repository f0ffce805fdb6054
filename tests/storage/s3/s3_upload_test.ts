import assert from "node:assert/strict";
import { cutIntoParts, partSize } from "../../../lib/storage/s3/s3_upload.ts";

const MiB = 1024 * 1024;

async function sizes(length: number): Promise<number[]> {
  const body = async function* () {
    for (let left = length; left > 0; left -= 3 * MiB) yield new Uint8Array(Math.min(left, 3 * MiB));
  };
  const seen: number[] = [];
  for await (const { bytes, number, isLast, release } of cutIntoParts(body())) {
    seen.push(bytes.length);
    assert.equal(number, seen.length);
    assert.equal(isLast, seen.reduce((sum, size) => sum + size) === length);
    release();
  }
  return seen;
}

Deno.test("parts: every byte once, in parts of one size but the last", async () => {
  assert.deepEqual(await sizes(0), [0]);
  assert.deepEqual(await sizes(1), [1]);
  assert.deepEqual(await sizes(8 * MiB), [8 * MiB]);
  assert.deepEqual(await sizes(8 * MiB + 1), [8 * MiB, 1]);
  assert.deepEqual(await sizes(25 * MiB), [8 * MiB, 8 * MiB, 8 * MiB, MiB]);
});

Deno.test("parts: 10,000 of them, S3's most, hold 312 GiB", () => {
  let total = 0;
  for (let number = 1; number <= 10_000; number++) total += partSize(number);
  assert.ok(total > 312 * 1024 ** 3, `${total}`);
});
