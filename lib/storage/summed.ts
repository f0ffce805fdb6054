import { createHash } from "node:crypto";
import type { FileSum } from "../system/checksums.ts";

/** Bytes that are hashed as they pass. */
interface Summed {
  body: AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** Of what has passed so far. Call it once. */
  sum(): FileSum;
}

/**
 * Counts and hashes bytes on their way.
 *
 * @param onPassed Told how many bytes each piece has.
 */
export function summed(body: AsyncIterable<Uint8Array>, onPassed?: (bytes: number) => void): Summed {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  return {
    body: (async function* () {
      for await (const chunk of body) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        onPassed?.(chunk.length);
        yield chunk as Uint8Array<ArrayBuffer>;
      }
    })(),
    sum: () => ({ sizeBytes, sha256: hash.digest("hex") }),
  };
}
