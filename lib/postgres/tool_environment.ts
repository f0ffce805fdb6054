import { type ConnectionParameters, libpqEnvironment } from "./connection/connection_parameters.ts";
import { sessionOptions, type SessionSettings } from "./connection/session_settings.ts";
import type { ClientTools } from "./tools.ts";

/** How a client tool is run. */
export interface ToolRunOptions {
  tools: ClientTools;
  signal?: AbortSignal;
}

// A dump says for itself which schemas, encoding and row security it wants.
export const leftToTheDump = { search_path: null, client_encoding: null, row_security: null };

/**
 * The password and all else by environment, never in argv; neutral settings as in our own sessions: a time limit on the
 * role would end a restore whose first session waits for the others.
 *
 * @param settings Further ones, left out where the server does not know them.
 */
export function toolEnvironment(
  parameters?: ConnectionParameters,
  settings: SessionSettings = {},
): Record<string, string> {
  if (!parameters) return { LC_ALL: "C" };
  const { serverVersion = 0, options: given } = parameters;
  const options = sessionOptions(serverVersion, given, { ...leftToTheDump, ...settings });
  return { LC_ALL: "C", ...libpqEnvironment({ ...parameters, options }) };
}

/** A tool's first complaint, without its name, as the end of a sentence. */
export function firstComplaint(stderr: string, status: number): string {
  const line = stderr.split("\n").find((line) => /: (fatal|error): /.test(line));
  return line?.replace(/^.*?: (fatal|error): /, "").replace(/\.$/, "") ??
    (status > 128 ? `it crashed (signal ${status - 128})` : `it ended with status ${status}`);
}
