import { join } from "node:path";
import { findClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import { type BenchDatabase, bigTable, manySmallTables, manyTables, narrowRows } from "./big_database.ts";
import { type Figure, ratioFigure, seconds, timePair } from "./measure.ts";
import { runCommand, runProgram } from "./program.ts";

const shapes: Record<string, () => Promise<BenchDatabase>> = {
  "one wide table": bigTable,
  "narrow rows": narrowRows,
  "600 small tables": manySmallTables,
  "5,000 tables of definitions": manyTables,
};

/** `backup` against a bare `pg_dump -Fc` of the same compression, on databases of several shapes. */
export async function backupOfShapes(): Promise<Figure[]> {
  const { pgDump, major } = await findClientTools((await findServerTools()).major);
  const compress = major < 16 ? "1" : "zstd:1";
  const directory = await Deno.makeTempDir();
  const figures = [];
  try {
    for (const [shape, make] of Object.entries(shapes)) {
      const { url } = await make();
      const pair = await timePair(
        () => runProgram(["backup", "--quiet", "--db-url", url, "--to", join(directory, "ours"), "-Z", compress]),
        () => runCommand(pgDump, ["-Fc", `--compress=${compress}`, `--file=${join(directory, "bare.dump")}`, url]),
        { tidy: () => Deno.remove(join(directory, "ours"), { recursive: true }) },
      );
      const { measured, ...figure } = ratioFigure(
        `\`backup\` / bare \`pg_dump -Fc\` of the same compression, ${shape}`,
        pair,
        "≤ 1.1×, or 0.5 s more",
      );
      figures.push({ ...figure, measured: `${measured}, ${seconds(pair.ours - pair.floor)} more` });
    }
    return figures;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
