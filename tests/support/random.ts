/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers from 0 up to 1, of a seed that is printed: PGREHEARSE_TEST_SEED gives the same moments again. */
export function printedRandom(): () => number {
  const seed = Number(Deno.env.get("PGREHEARSE_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`random moments: PGREHEARSE_TEST_SEED=${seed}`);
  return seededRandom(seed);
}
