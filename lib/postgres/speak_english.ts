import type { Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

/**
 * Has the server speak English in further sessions, where this role may choose its language: programs pass on the server's
 * words only, not its SQLSTATEs.
 */
export async function speakingEnglish(sql: Sql, parameters: ConnectionParameters): Promise<ConnectionParameters> {
  const [{ language, isSuperuser, canBeGranted }] = await sql<
    { language: string; isSuperuser: boolean; canBeGranted: boolean }[]
  >`
    SELECT
      current_setting('lc_messages') AS language,
      current_setting('is_superuser') = 'on' AS "isSuperuser",
      current_setting('server_version_num')::integer >= 150000 AS "canBeGranted"`;
  if (/^(C|POSIX|en)\b|^en_|^$/.test(language)) return parameters;
  const mayChoose = isSuperuser || canBeGranted && (await sql<{ may: boolean }[]>`
    SELECT has_parameter_privilege('lc_messages', 'SET') AS may`)[0].may;
  if (!mayChoose) return parameters;
  return { ...parameters, options: [parameters.options, "-c lc_messages=C"].filter(Boolean).join(" ") };
}
