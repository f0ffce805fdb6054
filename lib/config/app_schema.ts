import { z } from "zod";
import { writtenDuration } from "../options/fields.ts";

/** A program that is started with the restored databases at hand. */
const commandShape = {
  command: z.array(z.string().min(1)).min(1).describe("The program and its arguments; no shell is used."),
  cwd: z.string().min(1).optional().describe("Its working directory."),
  env: z.record(z.string(), z.string()).default({}).describe("Its environment, in addition to PATH, HOME and similar."),
  database_env: z.record(z.string(), z.string()).optional().describe(
    'Which variables hold the URLs of which restored databases; { "DATABASE_URL": the first } otherwise.',
  ),
};

/** A command that runs to its end, such as pending migrations. */
export const commandSchema = z.strictObject({
  ...commandShape,
  timeout: writtenDuration.default(600_000).describe("Time limit."),
});

const regexText = z.string().min(1).refine(isRegex, "is not a regular expression");

/** An application that is started, looked at, and stopped. */
export const appSchema = z.strictObject({
  ...commandShape,
  port_env: z.string().min(1).default("PORT").describe("The variable that holds its port."),
  ready: z.string().min(1).refine(isAddress, "is not a path such as /readyz, nor a URL").optional().describe(
    "A path or URL that answers with 2xx when the application is ready.",
  ),
  ready_within: writtenDuration.default(60_000).describe("Time limit to become ready."),
  settle: writtenDuration.default(2_000).describe("Without ready: how long it must still be running."),
  stop_within: writtenDuration.default(10_000).describe("Time limit to stop; then it is killed."),
  stop_signal: z.enum(["SIGTERM", "SIGINT", "SIGQUIT"]).default("SIGTERM").describe("The signal that asks it to stop."),
  fail_on_log: z.array(regexText).default([]).describe(
    "Regular expressions. A log line that matches one is a failure.",
  ),
});

export type CommandConfig = z.infer<typeof commandSchema>;
export type AppConfig = z.infer<typeof appSchema>;

/** Of the application itself, as `new URL` takes it, or elsewhere. */
function isAddress(text: string): boolean {
  const url = URL.parse(text, "http://127.0.0.1:1");
  return url?.protocol === "http:" || url?.protocol === "https:";
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}
