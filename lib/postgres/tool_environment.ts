import { type ConnectionParameters, libpqEnvironment } from "./connection/connection_parameters.ts";
import type { ClientTools } from "./tools.ts";

/** How a client tool is run. */
export interface ToolRunOptions {
  tools: ClientTools;
  signal?: AbortSignal;
}

/** The password and all else by environment, never in argv. */
export function toolEnvironment(parameters?: ConnectionParameters): Record<string, string> {
  return { LC_ALL: "C", ...(parameters && libpqEnvironment(parameters)) };
}

/** A tool's first complaint, without its name, as the end of a sentence. */
export function firstComplaint(stderr: string, status: number): string {
  const line = stderr.split("\n").find((line) => /: (fatal|error): /.test(line));
  return line?.replace(/^.*?: (fatal|error): /, "").replace(/\.$/, "") ?? `it ended with status ${status}`;
}
