import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [main, config] = ["main.ts", "deno.json"].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

/** Puts the program of this checkout where an installed one would be: a file that runs in any environment. */
export async function installProgram(directory: string): Promise<string> {
  const path = join(directory, "pgrehearse");
  const cache = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "PGREHEARSE_PG_BIN"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`export ${name}='${value}'`];
  });
  const run = `exec '${Deno.execPath()}' run --frozen --no-prompt --quiet -P --config '${config}' '${main}' "$@"`;
  await Deno.writeTextFile(path, ["#!/bin/sh", ...cache, run, ""].join("\n"), { mode: 0o755 });
  return path;
}
