import { inParallelFrom } from "../../system/in_parallel.ts";
import { makeHashedSet } from "../../storage/hashed_set.ts";
import { defineCheck } from "../check.ts";
import { countOrphans, lookAtObject, objectsShape, requireBucket } from "./objects_look.ts";
import { type ReferredObject, referredObjects, sampleOf } from "./objects_referred.ts";
import { makeTally, objectsResult } from "./objects_result.ts";

export const objectsCheck = defineCheck({
  kind: "objects",
  summary: "The objects that rows refer to are in their bucket, can be read, and have the rows' size and hash.",
  shape: objectsShape,
  contradiction({ sample, seed, orphans, orphan_age }) {
    if (seed !== undefined && sample === undefined) return "seed needs sample";
    if (orphan_age !== undefined && !orphans) return "orphan_age is about orphans, which is not given";
  },
  async run(options, context) {
    const { database, prefix, sample, since, signal } = { ...options, signal: context.signal };
    const seed = options.seed ?? crypto.randomUUID().slice(0, 8);
    const bucket = await context.openBucket(options.bucket);
    await requireBucket(bucket, prefix);
    const backedUpAt = new Date(context.manifestOf(database)?.snapshot.taken_at ?? context.startedAt);
    const cutoff = since === undefined ? undefined : new Date(backedUpAt.getTime() - since);
    const tally = makeTally();
    const known = options.orphans && makeHashedSet();

    await context.inDatabase(database, async (sql) => {
      const wanted = (async function* () {
        for await (const object of referredObjects(sql, options)) {
          tally.referred++;
          known?.add(prefix + object.key);
          if (!cutoff || !object.at || object.at >= cutoff) yield object;
        }
      })();
      const chosen: AsyncIterable<ReferredObject> = sample === undefined
        ? wanted
        : ReadableStream.from(await sampleOf(wanted, sample, seed));
      await inParallelFrom(chosen, options.at_once, async (object) => {
        signal.throwIfAborted();
        tally.add(object.key, await lookAtObject(object, { bucket, cutoff, options, signal }));
      });
    });
    const before = options.orphan_age === undefined ? undefined : new Date(backedUpAt.getTime() - options.orphan_age);
    const orphans = known && await countOrphans(bucket, known, { prefix, before, signal });
    return objectsResult({ options, seed, address: bucket.address, tally, orphans });
  },
});
