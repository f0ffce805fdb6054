import { join } from "node:path";
import { pathWithout } from "../../tests/support/ordinary_user.ts";
import { bigTable } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";
import { runProgram } from "./program.ts";

/**
 * What isolation costs: `smoke`, and a drill of 2,000,000 rows, each in turn with and without namespaces. Without, the
 * program finds neither bubblewrap nor unshare, and is told to trust the dump.
 */
export async function isolation(): Promise<Figure[]> {
  const directory = await Deno.makeTempDir();
  try {
    const env = { PATH: await pathWithout(directory, "bwrap", "unshare") };
    const backups = join(directory, "backups");
    await runProgram(["backup", "--quiet", "--db-url", (await bigTable()).url, "--to", backups]);
    const drill = ["drill", "--quiet", "--latest", "--from", backups, "--no-record", "--trust-dump"];
    const pairOf = (args: string[], runs: number) =>
      timePair(() => runProgram(args), () => runProgram(args, { env }), { runs });
    return [
      ratioFigure("`smoke` with / without isolation", await pairOf(["smoke", "--quiet"], 15), "≤ 1.03×"),
      ratioFigure("`drill` of 2,000,000 rows with / without isolation", await pairOf(drill, 5), "≤ 1.03×"),
    ];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
