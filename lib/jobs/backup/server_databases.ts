import type { Sql } from "../../postgres/connection/connect.ts";

/** A database as its server lists it. */
export interface ServerDatabase {
  oid: number;
  name: string;
  allowsConnections: boolean;
  /** 0 where this role may not ask. */
  sizeBytes: number;
}

/** Databases that a provider keeps for itself, and lets nobody into. */
const ofProviders: Readonly<Record<string, string>> = {
  rdsadmin: "Amazon RDS",
  cloudsqladmin: "Google Cloud SQL",
  alloydbadmin: "Google AlloyDB",
  alloydbmetadata: "Google AlloyDB",
  azure_maintenance: "Azure",
  azure_sys: "Azure",
};

/** Made by initdb. In a backup if somebody has put something into them. */
export const maintenanceDatabases = ["postgres", "template1"];

/** Lists a server's databases, the biggest first, but for `template0`, which nobody may change. */
export async function listServerDatabases(sql: Sql): Promise<ServerDatabase[]> {
  const found = await sql<{ oid: number; name: string; allowsConnections: boolean; size: string }[]>`
    SELECT
      oid::int8::float8 AS oid, datname AS name, datallowconn AND datconnlimit <> -2 AS "allowsConnections",
      CASE WHEN pg_catalog.has_database_privilege(oid, 'CONNECT') THEN pg_catalog.pg_database_size(oid) ELSE 0 END AS size
    FROM pg_catalog.pg_database WHERE datname <> 'template0'
    ORDER BY size DESC, datname`;
  return found.map(({ size, ...database }) => ({ ...database, sizeBytes: Number(size) }));
}

/** A database by its OID, which a new name leaves as it is; `undefined` if it is gone. */
export async function findServerDatabase(sql: Sql, oid: number): Promise<ServerDatabase | undefined> {
  return (await listServerDatabases(sql)).find((database) => database.oid === oid);
}

/** Whose a database is that a provider keeps for itself. */
export function providerOf({ name }: ServerDatabase): string | undefined {
  return Object.hasOwn(ofProviders, name) ? ofProviders[name] : undefined;
}
