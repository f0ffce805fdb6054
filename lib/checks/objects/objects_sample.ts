import { hashOf } from "../../storage/hashed_set.ts";
import type { ReferredObject } from "./objects_referred.ts";

/**
 * Chooses some objects: those whose keys hash lowest together with the seed. So the choice does not depend on the order
 * in which they come, and only about twice as many as are wanted are ever held.
 */
export async function sampleOf(
  objects: AsyncIterable<ReferredObject>,
  count: number,
  seed: string,
): Promise<ReferredObject[]> {
  let chosen: { rank: bigint; object: ReferredObject }[] = [];
  const prune = () => {
    chosen.sort((a, b) => a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0);
    chosen = chosen.slice(0, count);
  };
  for await (const object of objects) {
    chosen.push({ rank: hashOf(`${seed}\0${object.key}`), object });
    if (chosen.length > 2 * count + 1_000) prune();
  }
  prune();
  return chosen.map(({ object }) => object);
}
