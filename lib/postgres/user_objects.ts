import type { Sql } from "./connection/connect.ts";

/** What users made in a database, by kind as Postgres calls it: `table`, `function`, `large object`. */
type UserObjects = ReadonlyMap<string, number>;

/**
 * Counts what users made in a database: every object of every catalog that did not come with the server, that belongs to
 * no extension and is not a part of another one (as an index is of its table), and every large object. An extension counts,
 * its objects do not; the schema `public` does not, whoever made it.
 *
 * Not seen is what a user added to an extension's table: the catalogs do not tell it from the extension's own.
 */
export async function readUserObjects(sql: Sql): Promise<UserObjects> {
  // Whatever this server's version has; labels of enums are not objects. Shared catalogs hold what belongs to no database, except for subscriptions.
  const catalogs = await sql<{ name: string }[]>`
    SELECT relname AS name
    FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_attribute AS attribute ON attrelid = class.oid AND attname = 'oid'
    WHERE relnamespace = 'pg_catalog'::pg_catalog.regnamespace
      AND relkind = 'r'
      AND NOT relisshared
      AND relname NOT IN ('pg_enum', 'pg_largeobject_metadata')
      AND pg_catalog.has_column_privilege(class.oid, attnum, 'SELECT')`;
  const each = catalogs.map(({ name }) =>
    `SELECT 'pg_catalog.${name}'::pg_catalog.regclass AS classid, oid FROM pg_catalog.${name} WHERE oid >= 16384`
  );
  const counted = await sql.unsafe<{ kind: string; count: number }[]>(`
    WITH object AS (${each.join(" UNION ALL ")}),
    whole AS (
      SELECT identified.type AS kind
      FROM object, pg_catalog.pg_identify_object(classid, oid, 0) AS identified
      WHERE NOT (classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND identified.name = 'public')
        AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_depend AS depend
          WHERE depend.classid = object.classid AND depend.objid = object.oid AND refobjid >= 16384
            AND (refclassid, refobjid) <> (object.classid, object.oid)
            AND deptype IN ('e', 'i', 'a', 'P', 'S')
        )
      UNION ALL
      SELECT 'large object' FROM pg_catalog.pg_largeobject_metadata
      UNION ALL
      SELECT 'subscription' FROM pg_catalog.pg_subscription
      WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    )
    SELECT kind, pg_catalog.count(*)::int4 AS count FROM whole GROUP BY kind ORDER BY kind`);
  return new Map(counted.map(({ kind, count }) => [kind, count]));
}

/** Whether there is nothing in it but, at most, empty schemas: a backup of it would bring nothing back. */
export function holdsNothing(objects: UserObjects): boolean {
  return [...objects.keys()].every((kind) => kind === "schema");
}

/** `2 functions, 1 table` */
export function describeUserObjects(objects: UserObjects): string {
  return [...objects].map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : plural(kind)}`).join(", ");
}

function plural(kind: string): string {
  return /(s|x|ch)$/.test(kind) ? "es" : "s";
}
