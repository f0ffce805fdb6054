import { findClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import { manyTables } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";
import { runCommand, runProgram } from "./program.ts";

/** The manifest of 5,000 tables against `pg_dump --schema-only`. */
export async function tables(): Promise<Figure[]> {
  const { url } = await manyTables();
  const { pgDump } = await findClientTools((await findServerTools()).major);
  const pair = await timePair(
    () => runProgram(["manifest", "--quiet", "--db-url", url]),
    () => runCommand(pgDump, ["--schema-only", "--file=/dev/null", url]),
    { runs: 7 },
  );
  return [ratioFigure("`manifest` of 5,000 tables / `pg_dump --schema-only`", pair, "≤ 0.5×")];
}
