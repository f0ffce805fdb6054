import { defineFinding, defineNote } from "../../../system/define_finding.ts";
import { durationText } from "../../../system/quantities.ts";

// What becomes of the operator's own programs: applications that are started, and commands that are run.

/** A program, and its last lines. */
interface Program {
  name: string;
  lastLines?: string;
}

/** What to do about a program that ended as it should not. */
function fixForStatus(status: number): string {
  if (status === 126 || status === 127) return "Check that the program exists, is executable, and is in PATH.";
  return "Read its last lines to find out why it fails with the restored data.";
}

export const appExited = defineFinding({
  code: "APP_EXITED",
  means: "fail",
  says: ({ name, status, when, lastLines }: Program & { status: number; when: "before" | "after" }) => ({
    message: `${name} ended with status ${status} ${when} it was ready.`,
    fix: fixForStatus(status),
    detail: lastLines,
  }),
  examples: [
    { name: "Application web", status: 1, when: "before" },
    { name: "Application web", status: 127, when: "before" },
    { name: "Application web", status: 1, when: "after" },
  ],
});

export const appNotReady = defineFinding({
  code: "APP_NOT_READY",
  means: "fail",
  says: ({ name, withinMs, path, problem = "no answer in that time", lastLines }: Program & {
    withinMs: number;
    path: string;
    problem?: string;
  }) => ({
    message: `${name} was not ready within ${durationText(withinMs)}: ${path}: ${problem}.`,
    fix: "Read its last lines to find out what it waits for, or allow more time with ready_within.",
    detail: lastLines,
  }),
  examples: [{ name: "Application web", withinMs: 30_000, path: "/health", problem: "it answers with status 503" }],
});

export const appKilled = defineNote({
  code: "APP_KILLED",
  says: ({ name, withinMs }: { name: string; withinMs: number }) => ({
    message: `${name} did not stop within ${durationText(withinMs)} and was killed.`,
  }),
  examples: [{ name: "Application web", withinMs: 10_000 }],
});

export const appLogMatched = defineFinding({
  code: "APP_LOG_MATCHED",
  means: "fail",
  says: ({ name, pattern, line }: { name: string; pattern: string; line: string }) => ({
    message: `${name} logged a line that is not allowed: ${pattern}`,
    fix: "Read the line to find out what is wrong with the restored data.",
    detail: line,
    object: name,
  }),
  examples: [{ name: "Application web", pattern: "Error.", line: "Error: relation orders does not exist" }],
});

export const commandTimeout = defineFinding({
  code: "COMMAND_TIMEOUT",
  means: "fail",
  says: ({ name, program, limitMs, lastLines }: Program & { program: string; limitMs: number }) => ({
    message: `${name}: ${program} took longer than ${durationText(limitMs)}.`,
    fix: "Read its last lines to find out what it waits for, or give the step a longer timeout.",
    detail: lastLines,
  }),
  examples: [{ name: "migrations", program: "./migrate", limitMs: 600_000 }],
});

export const commandFailed = defineFinding({
  code: "COMMAND_FAILED",
  means: "fail",
  says: ({ name, program, status, lastLines }: Program & { program: string; status: number }) => ({
    message: `${name}: ${program} ended with status ${status}.`,
    fix: fixForStatus(status),
    detail: lastLines,
  }),
  examples: [{ name: "migrations", program: "./migrate", status: 3 }],
});
