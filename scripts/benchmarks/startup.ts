import { type Figure, median, timeMs } from "./measure.ts";
import { runProgram } from "./program.ts";

/** How long the program takes to say its version. */
export async function startup(): Promise<Figure[]> {
  const times = [];
  for (let run = 0; run < 11; run++) times.push(await timeMs(() => runProgram(["--version"])));
  return [{ what: "`pgrehearse --version`", measured: `${(median(times) / 1000).toFixed(2)} s`, asked: "≤ 0.05 s" }];
}
