import { startProgram } from "../../lib/system/program.ts";

// Starts the program that its arguments name, says so, and waits to be killed.
startProgram(Deno.args, { env: {}, stopWithinMs: 500, onLine: (line) => console.log(line) });
setInterval(() => {}, 1_000);
