import { fileURLToPath } from "node:url";
import type { Verdict } from "../../lib/verdict/verdict.ts";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** As scripts/pgrehearse runs it. */
const asUsersDo = [
  "run",
  "--v8-flags=--max-semi-space-size=4",
  "--unstable-lazy-dynamic-imports",
  "--quiet",
  "--no-prompt",
  "--frozen",
  "--config",
  path("deno.json"),
  "-P",
  path("main.ts"),
];

/** Runs the program as a separate process and waits for it. Throws if it does not exit 0. */
export async function runProgram(args: string[], options?: Deno.CommandOptions): Promise<void> {
  await runCommand(Deno.execPath(), [...asUsersDo, ...args], options);
}

/** Runs the program and gives the verdict that it prints, whatever that is. */
export async function verdictOfProgram(args: string[], options?: Deno.CommandOptions): Promise<Verdict> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: [...asUsersDo, ...args], ...options }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The most memory that the program's own process held, in bytes; not that of Postgres's programs, which it starts. */
export async function peakMemoryBytes(args: string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: [...asUsersDo, ...args], stdout: "null", stderr: "null" })
    .spawn();
  let isRunning = true;
  const status = child.status.finally(() => isRunning = false);
  let peak = 0;
  while (isRunning) {
    // Linux keeps the peak, but only while the process lives. Deno itself may not read below /proc.
    const { stdout } = await new Deno.Command("cat", { args: [`/proc/${child.pid}/status`], stderr: "null" }).output();
    const text = new TextDecoder().decode(stdout);
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (peak === 0) throw new Error("the peak memory cannot be read here: it takes Linux");
  if (!(await status).success) throw new Error(`pgrehearse ${args.join(" ")} failed`);
  return peak;
}

/** Runs a command and waits for it. Throws, with what it said, if it does not exit 0. */
export async function runCommand(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdout: "null", stderr: "piped", ...options })
    .output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}
