import { z } from "zod";
import { durationText } from "../../options/fields.ts";
import type { OptionsOf } from "../check.ts";

/** What a check of the kind `objects` is told. */
export const objectsShape = {
  database: z.string().optional().describe("Which database; may be left out where there is only one."),
  sql: z.string().min(1).describe(
    "A query that gives the objects that rows refer to: a column key, and if they are known size (bytes), sha256 (hex, " +
      "base64 or bytea), etag, and at or created_at (for since). Rows whose key is null refer to none.",
  ),
  bucket: z.string().describe("A name among the buckets of the configuration, s3://bucket/prefix, or a directory."),
  prefix: z.string().default("").describe("Stands before every key as it is, with its slash; and limits orphans."),
  since: durationText.optional().describe(
    "Only what is at most this old when the backup was made (or, without a manifest, when the run began): what was " +
      "uploaded last is the likeliest to be missing. The age is that of the query's column at or created_at. If it gives " +
      "none, every object must be there, and only those that the bucket says are recent are held against size and hash.",
  ),
  sample: z.int().positive().optional().describe(
    "Only so many, chosen by seed whatever order the query gives them in.",
  ),
  seed: z.string().min(1).optional().describe(
    "Chooses the sample; the same one chooses the same objects. Without it another sample is taken every time, and " +
      "its seed stands in the verdict.",
  ),
  read: z.boolean().default(false).describe(
    "Read every object to its last byte. Without it an object of S3 is asked for by HEAD, which needs the permission to " +
      "read it but does not read it, and of a file the first byte is read; the whole is read only where sha256 is given " +
      "and the server does not know it.",
  ),
  minimum: z.int().nonnegative().default(1).describe(
    "How many keys the query must give at least. With 0, none at all is no failure.",
  ),
  orphans: z.enum(["count", "warn", "fail"]).or(z.literal(true)).optional().describe(
    "The other way round: list the bucket, and count the objects that no row refers to. count notes their number, warn " +
      "(or true) warns of them, fail fails with them.",
  ),
  orphan_age: durationText.optional().describe(
    "Orphans younger than this when the backup was made do not count: say, uploads whose row was not written yet, and " +
      "where the bucket is the live one, all that came later.",
  ),
  at_once: z.int().min(1).max(50).default(32).describe("How many objects are asked for at the same time."),
  show: z.boolean().default(false).describe("Let up to 5 keys of each kind of fault stand in the verdict."),
};

export type ObjectsOptions = OptionsOf<typeof objectsShape>;
