// Runs a command as main.ts does; then says what this process still may do: what was tried, not what was promised.
import { runProgram } from "../../lib/commands/program.ts";

const [probe, ...args] = Deno.args;
const status = await runProgram(args);

const attempts: Record<string, () => Promise<unknown>> = {
  sh: async () => await new Deno.Command("/bin/sh", { args: ["-c", "exit 0"] }).output(),
  otherProgram: async () => await new Deno.Command("/usr/bin/env", { args: ["true"] }).output(),
  net: () => fetch(`http://127.0.0.1:${probe}/`).then((response) => response.body?.cancel()),
  write: async () => void await Deno.remove(await Deno.makeTempFile()),
  import: () => import(`http://127.0.0.1:${probe}/module.ts`),
};
const allowed: string[] = [];
for (const [name, attempt] of Object.entries(attempts)) {
  const refusal = await attempt().then(() => undefined, (error: Error) => `${error.name}: ${error.message}`);
  if (!refusal || !/^NotCapable|Requires import access/.test(refusal)) allowed.push(name);
}
console.error(`status ${status} allowed ${allowed.join(",")}`);
