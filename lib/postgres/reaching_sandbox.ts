import { dirname, join } from "node:path";
import { makeClientSandboxes } from "../system/isolation/make_sandbox.ts";
import { noSandbox } from "../system/isolation/sandboxes.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { runRestoringTool } from "./restoring_tool.ts";
import type { ClientTools } from "./tools.ts";

/**
 * Finds the best sandbox from which pg_restore reaches somebody's server. Where none does, say because the server takes
 * this account only for who it is, it is none: a restore must not fail by that.
 */
export async function sandboxTo(
  parameters: ConnectionParameters,
  tools: ClientTools,
  signal?: AbortSignal,
): Promise<Sandbox> {
  const psql = join(dirname(tools.pgRestore), "psql");
  for (const sandbox of await makeClientSandboxes()) {
    const args = ["--no-psqlrc", "--no-password", "--command=SELECT 1"];
    const attempt = { tools: { ...tools, sandbox }, files: [], parameters, signal };
    const status = await runRestoringTool(psql, args, attempt).then(({ status }) => status, () => {
      signal?.throwIfAborted();
      return undefined;
    });
    if (status === 0) return sandbox;
  }
  return noSandbox;
}
