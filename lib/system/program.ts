import { spawnScript } from "./child_process.ts";
import { cannotStart } from "./findings.ts";
import { reasonOf } from "./operator_error.ts";
import script from "./program.sh" with { type: "text" };
import { redact } from "./redact.ts";
import { readTextLines } from "./text_lines.ts";

type StopSignal = "SIGTERM" | "SIGINT" | "SIGQUIT";

/** How {@linkcode startProgram} starts a program. */
export interface ProgramOptions {
  /** Its environment besides that of {@linkcode bareEnvironment}. */
  env: Record<string, string>;
  /** @default {our own working directory} */
  cwd?: string;
  /** How long it may take to stop, in milliseconds; then it is killed with everything that it started. */
  stopWithinMs: number;
  /** @default {"SIGTERM"} */
  stopSignal?: StopSignal;
  /** Sees every line of its output, or the first 8,192 characters of a longer one, as it comes. */
  onLine?: (line: string) => void;
}

/** A foreign program, running. */
export interface Program {
  /** Its exit status, once it has ended: 128 + n after signal n. Never rejects. */
  readonly ended: Promise<number>;
  /** Whether it has not ended yet. */
  isRunning(): boolean;
  /** The last 100 lines of its output, secrets replaced. */
  lastLines(): string;
  /** Asks it to stop, and returns once it and all that it started are gone. May be called again. */
  stop(): Promise<{ wasKilled: boolean }>;
}

const keptLines = 100;

/** What a program needs that has nothing to do with what it is for. Nothing else of ours is inherited. */
export function bareEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/**
 * Starts a program in a separate session. Neither it nor what it starts outlives this process, not even after SIGKILL.
 *
 * @throws {OperatorError} `CANNOT_START` if the working directory is none.
 */
export function startProgram(command: readonly string[], options: ProgramOptions): Program {
  const { cwd, stopWithinMs, stopSignal = "SIGTERM", onLine } = options;
  const id = crypto.randomUUID();
  const child = spawn(id, command, options.env, String(stopWithinMs / 1000), cwd);
  const writer = child.stdin.getWriter();
  const kept: string[] = [];
  const ended = Promise.withResolvers<number>();
  let isRunning = true;
  let wasKilled = false;
  let linesRead = 0;
  const end = (status: number) => {
    isRunning = false;
    ended.resolve(status);
  };
  const unread = new AbortController();
  const reading = Promise.all([
    readTextLines(child.stderr, (line) => {
      linesRead++;
      if (kept.push(line) > 2 * keptLines) kept.splice(0, keptLines);
      onLine?.(line);
    }, unread),
    readTextLines(child.stdout, (line) => line === "killed" ? wasKilled = true : end(Number(line)), unread),
  ]).catch(() => {});
  const seeItGo = async () => {
    await child.status;
    // What hides from us may still hold the pipe; what it wrote before is read to the end.
    let linesBefore = linesRead;
    const timer = setInterval(() => {
      if (linesRead === linesBefore) unread.abort();
      linesBefore = linesRead;
    }, 2_000);
    await reading;
    clearInterval(timer);
    end(137);
    await writer.close().catch(() => {});
  };
  const gone = seeItGo();
  return {
    ended: ended.promise,
    isRunning: () => isRunning,
    lastLines: () => redact(kept.slice(-keptLines).join("\n")),
    async stop() {
      // Refused where it has ended already.
      await writer.write(new TextEncoder().encode(`${stopSignal.slice(3)}\n`)).catch(() => {});
      await gone;
      return { wasKilled };
    },
  };
}

function spawn(id: string, command: readonly string[], env: Record<string, string>, grace: string, cwd?: string) {
  try {
    return spawnScript(script, ["program", id, grace, ...command], {
      env: { ...bareEnvironment(), ...env },
      stderr: "piped",
      ...(cwd !== undefined && { cwd }),
    });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "there is no such directory" : reasonOf(cause);
    throw cannotStart.error({ program: command[0], directory: cwd, reason }, { cause });
  }
}
