import { join } from "node:path";
import { type BenchDatabase, bigTable, manyTables } from "./big_database.ts";
import type { Figure } from "./measure.ts";
import { peakMemoryBytes } from "./program.ts";

/** The peak memory of this program, in `backup` and `drill`. */
export async function memory(factors: number[]): Promise<Figure[]> {
  const figures = [];
  for (const factor of factors) {
    figures.push(...await figuresOf(`${2 * factor},000,000 rows`, await bigTable(factor)));
  }
  return [...figures, ...await figuresOf("5,000 tables", await manyTables())];
}

async function figuresOf(what: string, { url }: BenchDatabase): Promise<Figure[]> {
  const directory = await Deno.makeTempDir();
  try {
    const backups = join(directory, "backups");
    const commands = {
      backup: ["--db-url", url, "--to", backups],
      drill: ["--latest", "--from", backups],
    };
    const figures = [];
    for (const [command, args] of Object.entries(commands)) {
      const bytes = await peakMemoryBytes([command, "--quiet", ...args]);
      figures.push({
        what: `peak memory of \`${command}\`, ${what}`,
        measured: `${Math.round(bytes / 1e6)} MB`,
        asked: "≤ 200 MB",
      });
    }
    return figures;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
