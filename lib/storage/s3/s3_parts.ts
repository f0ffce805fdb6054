import { objectTooLarge } from "./findings.ts";

const MiB = 1024 * 1024;

/** S3 takes no more. */
const mostParts = 10_000;

/** Parts that grow with their number make room for 312 GiB, and a dump of up to 31 GiB takes little memory. */
export function partSize(number: number): number {
  return (number <= 4_000 ? 8 : number <= 7_000 ? 32 : 64) * MiB;
}

/** A piece of an upload. */
export interface Part {
  /** From 1 on. */
  number: number;
  bytes: Uint8Array<ArrayBuffer>;
  isLast: boolean;
  /** Gives the memory back for a later part. */
  release(): void;
}

/** Cuts a stream into parts of the right size; an empty one is a single empty part. */
export async function* partsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Part, undefined> {
  let free: Uint8Array<ArrayBuffer>[] = [];
  const take = (size: number) => {
    if (free[0]?.length !== size) free = [];
    return free.pop() ?? new Uint8Array(size);
  };
  let number = 1;
  let buffer = take(partSize(number));
  let filled = 0;
  const finish = (isLast: boolean): Part => {
    const whole = buffer;
    const part = { number, bytes: whole.subarray(0, filled), isLast, release: () => void free.push(whole) };
    number++;
    filled = 0;
    return part;
  };
  for await (const chunk of body) {
    for (let rest = chunk; rest.length > 0;) {
      if (filled === buffer.length) {
        yield finish(false);
        if (number > mostParts) throw objectTooLarge.error();
        buffer = take(partSize(number));
      }
      const piece = rest.subarray(0, buffer.length - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      rest = rest.subarray(piece.length);
    }
  }
  yield finish(true);
}
