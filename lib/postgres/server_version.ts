import type { Sql } from "./connection/connect.ts";

/** A server's version. */
export interface ServerVersion {
  /** `15.18` */
  version: string;
  /** `150018` */
  versionNum: number;
  major: number;
}

/** Asks a server for its version. */
export async function serverVersion(sql: Sql): Promise<ServerVersion> {
  const [{ version, versionNum }] = await sql<{ version: string; versionNum: number }[]>`
    SELECT
      pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS version,
      pg_catalog.current_setting('server_version_num')::integer AS "versionNum"`;
  return { version, versionNum, major: Math.floor(versionNum / 10_000) };
}
