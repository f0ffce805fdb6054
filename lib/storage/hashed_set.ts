import { createHash } from "node:crypto";

/**
 * Remembers texts by 64 bits of their SHA-256: eight bytes each, so that the keys of a million objects take 8 MB.
 *
 * Among a million, one that was never added is taken for one of them with a probability of 5 in 10¹⁴.
 */
export interface HashedSet {
  add(text: string): void;
  has(text: string): boolean;
  addHash(hash: bigint): void;
  hasHash(hash: bigint): boolean;
}

/** What a {@linkcode HashedSet} keeps of a text. */
export function hashOf(text: string): bigint {
  return createHash("sha256").update(text).digest().readBigUInt64BE();
}

export function makeHashedSet(): HashedSet {
  let hashes = new BigUint64Array(1024);
  let length = 0;
  let sorted = 0; // so many of them are in order
  const set: HashedSet = {
    add: (text) => set.addHash(hashOf(text)),
    has: (text) => set.hasHash(hashOf(text)),
    addHash(hash) {
      if (length === hashes.length) {
        const larger = new BigUint64Array(2 * length);
        larger.set(hashes);
        hashes = larger;
      }
      hashes[length++] = hash;
    },
    hasHash(hash) {
      if (sorted < length) {
        hashes.subarray(0, length).sort();
        sorted = length;
      }
      let from = 0;
      for (let to = length; from < to;) {
        const middle = (from + to) >> 1;
        if (hashes[middle] < hash) from = middle + 1;
        else to = middle;
      }
      return from < length && hashes[from] === hash;
    },
  };
  return set;
}
