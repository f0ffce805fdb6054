import type { Sql } from "../postgres/connection/connect.ts";
import { encodeSums, families, largeObjectBucketOf, type Sum } from "./large_object_buckets.ts";
import { readExactly } from "./rows/row_digest_session.ts";

/** What the large objects of a database come to. */
interface LargeObjectDigest {
  count: number;
  size_bytes: number;
  /** 32 lower-case hex digits, of ids and contents. */
  digest: string;
  /** Digests of buckets of ids, packed: they tell which ones differ. Absent in manifests of earlier builds. */
  buckets?: string;
}

/** How much of one large object the server holds at a time. */
const chunkSizeBytes = 256 * 1024;

/** `INV_READ`. */
const readMode = 0x40000;

/**
 * Digests the ids and contents of all large objects, in any order, inside the server.
 *
 * Reads through the large-object functions, not pg_largeobject: they obey ordinary privileges, and they show a hole as
 * the zeros that a restore writes there. Needs SELECT on each large object.
 *
 * @param sql A connection already inside the snapshot.
 * @throws {OperatorError} `PERMISSION_DENIED`, and as `readExactly`.
 */
export async function digestLargeObjects(sql: Sql): Promise<LargeObjectDigest> {
  const [{ count, size, total, sums }] = await readExactly<{ count: string; size: string; total: string; sums: Sum[] }>(
    sql,
    `
    -- Materialized: opening and seeking must happen once for each object, and in this order.
    WITH opened AS MATERIALIZED (
      SELECT m.oid, pg_catalog.lo_open(m.oid, ${readMode}) AS descriptor FROM pg_catalog.pg_largeobject_metadata AS m
    ),
    measured AS MATERIALIZED (
      SELECT o.oid, o.descriptor, pg_catalog.lo_lseek64(o.descriptor, 0, 2) AS size FROM opened AS o
    ),
    closed AS MATERIALIZED (
      SELECT m.oid, m.size, pg_catalog.lo_close(m.descriptor) AS status FROM measured AS m
    ),
    contents AS (
      SELECT c.oid, pg_catalog.hash_record_extended(
        ROW(c.oid, pg_catalog.int8send(p.start), pg_catalog.lo_get(c.oid, p.start, ${chunkSizeBytes})), 0
      ) AS hash
      FROM closed AS c
      CROSS JOIN LATERAL pg_catalog.generate_series(0::pg_catalog.int8, c.size - 1, ${chunkSizeBytes}) AS p (start)
      UNION ALL
      SELECT c.oid, pg_catalog.hash_record_extended(ROW(c.oid), 0) FROM closed AS c
    ),
    each AS MATERIALIZED (
      SELECT c.oid::pg_catalog.int8 AS id, pg_catalog.sum(pg_catalog.hashint4extended(0, c.hash)) AS total
      FROM contents AS c GROUP BY c.oid
    ),
    bucket AS (
      SELECT f.place, ${largeObjectBucketOf("e.id", "f.factor")} AS bucket, pg_catalog.sum(e.total) AS total
      FROM each AS e
      CROSS JOIN (VALUES ${
      families.map((factor, place) => `(${place}, ${factor}::pg_catalog.int8)`)
    }) AS f (place, factor)
      GROUP BY 1, 2
    )
    SELECT
      (SELECT pg_catalog.count(*) FROM closed) AS count,
      (SELECT coalesce(pg_catalog.sum(size), 0) FROM closed) AS size,
      (SELECT coalesce(pg_catalog.sum(total), 0) FROM each) AS total,
      (
        SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(place, bucket, total::pg_catalog.text)), '[]')
        FROM bucket
      ) AS sums`,
  );
  return {
    count: Number(count),
    size_bytes: Number(size),
    digest: BigInt.asUintN(128, BigInt(total)).toString(16).padStart(32, "0"),
    ...sums.length > 0 && { buckets: encodeSums(sums) },
  };
}
