import { fileURLToPath } from "node:url";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Runs the program as a process of its own and waits for it. Throws if it does not exit 0. */
export async function runProgram(args: string[]): Promise<void> {
  await runCommand(Deno.execPath(), [
    "run",
    "--quiet",
    "--no-prompt",
    "--frozen",
    "--config",
    path("deno.json"),
    "-P",
    path("main.ts"),
    ...args,
  ]);
}

/** Runs a command and waits for it. Throws, with what it said, if it does not exit 0. */
export async function runCommand(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdout: "null", stderr: "piped", ...options })
    .output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}
