import { asksForVersion, versionText } from "./lib/commands/version.ts";

if (asksForVersion(Deno.args)) {
  console.log(versionText(Deno.args));
} else {
  const { runProgram } = await import("./lib/commands/program.ts");
  Deno.exit(await runProgram(Deno.args));
}
