import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { bigTable } from "./big_database.ts";
import { type Figure, seconds, timeMs } from "./measure.ts";
import { runProgram } from "./program.ts";

const factors = [1, 3, 10];
const neededBytes = 25e9;

/** How the time of `backup` and `drill` grows with the rows: one run each. */
export async function growth(): Promise<Figure[]> {
  const { bavail, bsize } = await statfs("/tmp");
  if (bavail * bsize < neededBytes) throw new Error(`growth needs ${neededBytes / 1e9} GB free below /tmp.`);
  const directory = await Deno.makeTempDir();
  try {
    const backups: number[] = [];
    const drills: number[] = [];
    for (const factor of factors) {
      const { url } = await bigTable(factor);
      const to = join(directory, `${factor}`);
      backups.push(await timeMs(() => runProgram(["backup", "--quiet", "--db-url", url, "--to", to])));
      drills.push(await timeMs(() => runProgram(["drill", "--quiet", "--latest", "--from", to])));
      await Deno.remove(to, { recursive: true });
    }
    return [figureOf("backup", backups), figureOf("drill", drills)];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function figureOf(command: string, times: number[]): Figure {
  return {
    what: `\`${command}\` of 2, 6 and 20 million rows`,
    measured: times.map((ms) => `${seconds(ms)} (${(ms / times[0]).toFixed(1)}×)`).join(", "),
    asked: "linear: 1×, 3×, 10×",
  };
}
