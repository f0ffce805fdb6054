import { openPhysicalSource } from "../../physical/open_source.ts";
import type { PhysicalSource, SourceOptions } from "../../physical/source.ts";

/** Where physical backups come from. */
export interface SourceOf extends Omit<SourceOptions, "signal"> {
  /** As `--physical` has it. */
  physical: string;
}

/** Opens it: a tool by its word, a directory otherwise. */
export async function openSource({ physical, ...options }: SourceOf, signal: AbortSignal): Promise<PhysicalSource> {
  const source = await openPhysicalSource(physical, { ...options, signal });
  if (source) return source;
  const { openBaseBackups } = await import("../../physical/base_backups.ts");
  return openBaseBackups(physical, options);
}
