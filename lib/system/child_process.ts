import { shellWord } from "./shell_word.ts";
import leash from "./leash.sh" with { type: "text" };
import { redact } from "./redact.ts";
import { traced } from "./trace.ts";

/** Who a child runs as; needs root. */
export interface Account {
  uid: number;
  gid: number;
}

/** How {@linkcode run} runs a command. */
interface RunOptions {
  /** The child's whole environment; nothing is inherited. */
  env: Record<string, string>;
  /** Aborting terminates the child. */
  signal?: AbortSignal;
  /**
   * What ends the child before its time; one in a sandbox has nothing to tidy up.
   * @default {"TERM"}
   */
  killSignal?: "TERM" | "KILL";
}

/** What a finished command left. */
export interface RunResult {
  /** 0 is success; 128 + n after signal n. */
  status: number;
  stdout: string;
  /** With registered secrets replaced. */
  stderr: string;
}

/**
 * Runs a command to its end and returns what it printed.
 *
 * The child never outlives this process, not even after SIGKILL: its life hangs on a pipe that we hold.
 *
 * @throws {DOMException} `AbortError`, once the child is gone, if the signal was aborted.
 */
export async function run(command: string, args: string[], options: RunOptions): Promise<RunResult> {
  const { stdout, ended } = stream(command, args, options);
  const [text, end] = await Promise.all([new Response(stdout).text(), ended]);
  return { ...end, stdout: text };
}

/** Makes FIFOs; the arguments are those of `mkfifo`. */
export async function makeFifos(args: string[]): Promise<void> {
  const { status, stderr } = await run("mkfifo", args, { env: {} });
  if (status !== 0) throw new Error(`mkfifo ended with status ${status}: ${stderr}`);
}

/** A command's output while it runs. */
export interface RunningCommand {
  /** Read it to its end, or cancel it: that terminates the command. */
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Settles when the command has ended; rejects as {@linkcode run} throws. */
  ended: Promise<Omit<RunResult, "stdout">>;
}

/** The same as {@linkcode run}, with the output as it comes. */
export function stream(command: string, args: string[], options: RunOptions): RunningCommand {
  options.signal?.throwIfAborted();
  const child = spawnScript(leash, ["leash", options.killSignal ?? "TERM", command, ...args], {
    env: options.env,
    stderr: "piped",
  });
  const letGo = () => void child.stdin.close().catch(() => {});
  options.signal?.addEventListener("abort", letGo);
  const waitForEnd = async () => {
    try {
      const [stderr, { code }] = await Promise.all([new Response(child.stderr).text(), child.status]);
      options.signal?.throwIfAborted();
      return { status: code, stderr: redact(stderr) };
    } finally {
      options.signal?.removeEventListener("abort", letGo);
      letGo();
    }
  };
  const reader = child.stdout.getReader();
  const stdout = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      letGo();
      await reader.cancel(reason);
    },
  });
  return { stdout, ended: waitForEnd() };
}

/** A shell script that serves until we close its stdin or die. */
export interface Guard {
  /** Reads the next line that the script prints; `undefined` once it has ended. */
  readLine(): Promise<string | undefined>;
  /** Closes its stdin and waits until it is gone. Returns its exit status. */
  release(): Promise<number>;
  /** Tells it to go on without us. Returns what it answers. */
  abandon(): Promise<string | undefined>;
}

/**
 * Starts a shell script that guards something for us: it tidies up when its stdin ends, which also happens when this
 * process is killed.
 *
 * @param script Source for `sh -c`; it runs in the root directory, so paths must be absolute.
 * @param args `$0` and the positional arguments.
 */
export function startGuard(
  script: string,
  args: string[],
  options: { account?: Account; env?: Record<string, string> } = {},
): Guard {
  // From the root: the account may have no right to be in the directory that we were started in.
  const child = spawnScript(script, args, {
    env: options.env ?? {},
    stderr: "inherit",
    cwd: "/",
    ...options.account,
  });
  const lines = readLines(child.stdout);
  const readLine = async () => (await lines.next()).value ?? undefined;
  return {
    async abandon() {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("abandon\n"));
      await writer.close();
      child.unref();
      return await readLine();
    },
    readLine,
    async release() {
      await child.stdin.close().catch(() => {});
      while (!(await lines.next()).done); // until its stdout ends
      return (await child.status).code;
    },
  };
}

/** Starts a shell script in a separate session, with a pipe at its stdin; for the files of this room only. */
export function spawnScript(
  script: string,
  args: string[],
  options: { env: Record<string, string>; stderr: "piped" | "inherit"; cwd?: string; uid?: number; gid?: number },
) {
  const { env, ...rest } = options;
  const [own, exported] = apartFromLinkers(env);
  const ended = traced("exec", args.slice(args[0] === "leash" ? 2 : 0).map(shown).join(" "));
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", exported + script, ...args],
    stdin: "piped",
    stdout: "piped",
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", ...own },
    // A separate session: Ctrl-C at the terminal is ours to handle, in order.
    detached: true,
    ...rest,
  }).spawn();
  child.status.then(({ code }) => ended(`status ${code}`));
  return child;
}

/**
 * Takes out what the dynamic linker obeys: who may start one program only may not give it such variables, Deno finds. The
 * script sets them for what it runs instead.
 */
function apartFromLinkers(env: Record<string, string>): [env: Record<string, string>, exported: string] {
  const isLinkers = ([name]: [string, string]) => /^(LD|DYLD)_[A-Z0-9_]*$/.test(name);
  const all = Object.entries(env);
  const exported = all.filter(isLinkers).map(([name, value]) => `export ${name}=${shellWord(value)}\n`);
  return [Object.fromEntries(all.filter((each) => !isLinkers(each))), exported.join("")];
}

function shown(word: string): string {
  return word.includes("\n") ? "…" : shellWord(word); // a script of ours
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  return undefined;
}
