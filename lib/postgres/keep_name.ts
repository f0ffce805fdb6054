import { dirname, join } from "node:path";
import { startGuard } from "../system/child_process.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import script from "./keep_name.sh" with { type: "text" };
import { toolEnvironment } from "./tool_environment.ts";
import type { ClientTools } from "./tools.ts";
import { pgToolsMissing } from "./findings/tools.ts";

/** Watches over a database that has another name for a while. */
interface NameKeeper {
  /** What was to be done is done: the names stay as they are now. */
  dismiss(): Promise<void>;
}

/**
 * Sees to it that a database gets its name back, and its users in again, if this process dies: production must not be
 * without its database because a restore was killed.
 *
 * Does nothing where another database has the name by then. It needs psql beside the client tools.
 *
 * @param parameters Of a maintenance database of that server.
 * @param names The database's own name, and the one that it has meanwhile.
 * @throws {OperatorError} `PG_TOOLS_MISSING`
 */
export async function keepName(
  parameters: ConnectionParameters,
  tools: ClientTools,
  names: { own: string; other: string },
): Promise<NameKeeper> {
  const psql = join(dirname(tools.pgRestore), "psql");
  if (!await Deno.stat(psql).then(({ isFile }) => isFile, () => false)) {
    throw pgToolsMissing.psql.error({ pgRestore: tools.pgRestore });
  }
  const guard = startGuard(script, ["keep_name", psql, names.own, names.other], { env: toolEnvironment(parameters) });
  await guard.readLine();
  return { dismiss: async () => void await guard.abandon() };
}
