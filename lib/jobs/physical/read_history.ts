import { join } from "node:path";
import type { PhysicalSource } from "../../physical/source.ts";
import { historyName } from "../../physical/wal_name.ts";
import { fetchWal } from "../../physical/wal_fetcher.ts";
import { makeWorkspace } from "../../system/workspace.ts";

/** Reads a timeline's history file as recovery would get it; `undefined` if it does not. */
export async function readHistory(
  source: PhysicalSource,
  timeline: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (source.readHistory) return await source.readHistory(timeline, signal);
  const { restoreCommand } = source;
  if (restoreCommand === undefined) return undefined;
  const { path, close } = await makeWorkspace();
  try {
    const to = join(path, "history");
    const fetch = { command: restoreCommand, env: Deno.env.toObject(), signal };
    const { got } = await fetchWal(fetch, historyName(timeline), to);
    return got ? await Deno.readTextFile(to) : undefined;
  } finally {
    await close();
  }
}
