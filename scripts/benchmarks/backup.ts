import { join } from "node:path";
import { findClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import { bigTable } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";
import { runCommand, runProgram } from "./program.ts";

/** `backup` against `pg_dump -Fc`, which it runs, with its digests beside it. */
export async function backup(): Promise<Figure[]> {
  const { url } = await bigTable();
  const { pgDump } = await findClientTools((await findServerTools()).major);
  const directory = await Deno.makeTempDir();
  try {
    const pair = await timePair(
      () => runProgram(["backup", "--quiet", "--db-url", url, "--to", join(directory, "ours")]),
      () => runCommand(pgDump, ["--format=custom", `--file=${join(directory, "bare.dump")}`, url]),
      { runs: 5, tidy: () => Deno.remove(join(directory, "ours"), { recursive: true }) },
    );
    return [ratioFigure("`backup` / bare `pg_dump -Fc`", pair, "≤ 0.45×")];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
