import type { Config } from "../../config/read_config.ts";
import type { Restored } from "../../verdict/verdict.ts";
import type { PartOfJob } from "./part_of_job.ts";

/** Which backup of each database was made or restored, as far as it came. */
export function restoredOf(parts: Map<string, PartOfJob>): Restored[] {
  return [...parts].flatMap(([database, part]) => {
    const { backup, ...others } = part.restored();
    return backup ? [{ database, backup, ...others }] : [];
  });
}

/** The compliance controls that a command's verdict is evidence for. */
export function controlsOf({ controls }: Config, command: string): string[] | undefined {
  const served = Object.entries(controls).filter(([, commands]) => commands.includes(command)).map(([name]) => name);
  return served.length > 0 ? served : undefined;
}
