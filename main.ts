import { runProgram } from "./lib/commands/program.ts";

Deno.exit(await runProgram(Deno.args));
