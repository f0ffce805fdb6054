import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeProgram } from "./write_program.ts";

const [main, config] = ["main.ts", "deno.json"].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

/** Puts the program of this checkout where an installed one would be: a file that runs in any environment. */
export async function installProgram(directory: string): Promise<string> {
  const path = join(directory, "pgrehearse");
  const pgBin = Deno.env.get("PGREHEARSE_PG_BIN");
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const lines = [
    "#!/bin/sh",
    `export DENO_DIR='${denoDir}'`,
    ...pgBin === undefined ? [] : [`export PGREHEARSE_PG_BIN='${pgBin}'`],
    `exec '${Deno.execPath()}' run --frozen --cached-only --no-prompt --quiet -P --config '${config}' '${main}' "$@"`,
  ];
  await writeProgram(path, `${lines.join("\n")}\n`);
  return path;
}
