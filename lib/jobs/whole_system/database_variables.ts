import { connectionUrl } from "../../postgres/connection/connection_url.ts";
import { type ConnectionParameters, withServer } from "../../postgres/connection/connection_parameters.ts";
import { databaseNotRestored } from "./findings/steps.ts";

/** The restored databases, by the configuration's names, in its order. */
export type RestoredDatabases = ReadonlyMap<string, ConnectionParameters>;

/**
 * The environment variables that tell a program where the restored databases are.
 *
 * @param databaseEnv Database names by variable.
 * @default {DATABASE_URL for the first}
 * @throws {OperatorError} `DATABASE_NOT_RESTORED`
 */
export function databaseVariables(
  what: string,
  databaseEnv: Record<string, string> | undefined,
  databases: RestoredDatabases,
): Record<string, string> {
  const [first] = databases.keys();
  const wanted = databaseEnv ?? (first === undefined ? {} : { DATABASE_URL: first });
  return Object.fromEntries(
    Object.entries(wanted).map(([variable, name]) => {
      const parameters = databases.get(name);
      if (parameters) return [variable, connectionUrl(withServer(parameters, 0))];
      throw databaseNotRestored.error({ step: what, database: name });
    }),
  );
}
