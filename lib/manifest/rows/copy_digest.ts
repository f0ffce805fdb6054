import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Sql } from "../../postgres/connection/connect.ts";
import type { RowDigest } from "./row_digest.ts";
import { withExactSettings } from "./row_digest_session.ts";
import type { TableToDigest } from "./rows.ts";

/**
 * Digests every row of a table here, from what COPY gives, in any order, duplicates counted.
 *
 * For a table whose indexes or statistics use a user's function: to plan any SELECT the server computes
 * what is constant in them, with the rights of whoever reads. COPY plans nothing. Generated columns are not in it.
 *
 * @param sql A connection already inside the snapshot.
 */
export async function digestByCopy(sql: Sql, { oid, schema, name }: TableToDigest): Promise<RowDigest> {
  return await withExactSettings(sql, async () => {
    const columns = await sql<{ name: string }[]>`
      SELECT attname AS name FROM pg_catalog.pg_attribute
      WHERE attrelid = ${oid}::pg_catalog.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname`;
    if (columns.length === 0) return { row_count: 0, digest: "0".repeat(32) };
    const rows = await sql`COPY ${sql(schema)}.${sql(name)} (${sql(columns.map((column) => column.name))}) TO STDOUT`
      .readable();
    let [rowCount, total, rest] = [0, 0n, Buffer.alloc(0)];
    for await (const chunk of rows as Readable) {
      const bytes = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        total += createHash("sha256").update(bytes.subarray(start, end)).digest().readBigUInt64BE();
        rowCount++;
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
    return { row_count: rowCount, digest: BigInt.asUintN(128, total).toString(16).padStart(32, "0") };
  });
}
