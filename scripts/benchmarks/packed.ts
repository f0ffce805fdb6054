import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Figure, median, seconds, timeMs } from "./measure.ts";
import { runCommand } from "./program.ts";

/** How long what scripts/pack makes takes to say its version: unpacking itself first, and from then on. */
export async function packed(): Promise<Figure[]> {
  const directory = await Deno.makeTempDir();
  try {
    const program = join(directory, "pgrehearse");
    await runCommand(fileURLToPath(new URL("../pack", import.meta.url)), ["--output", program]);
    const start = (cache: string) =>
      timeMs(() =>
        runCommand(program, ["--version"], { clearEnv: true, env: { XDG_CACHE_HOME: join(directory, cache) } })
      );
    const [first, later]: number[][] = [[], []];
    for (let run = 0; run < 3; run++) first.push(await start(`${run}`));
    for (let run = 0; run < 11; run++) later.push(await start("0"));
    const { size } = await Deno.stat(program);
    return [
      { what: "packed: `--version`, first start", measured: seconds(median(first)), asked: "" },
      { what: "packed: `--version`, later starts", measured: seconds(median(later)), asked: "< 0.3 s" },
      { what: "packed: size", measured: `${Math.round(size / 1_000_000)} MB`, asked: "" },
    ];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
