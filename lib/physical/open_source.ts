import type { PhysicalSource, SourceOptions } from "./source.ts";

/** The kinds of source that begin with a word, `pgbackrest:main`. Each loads what it needs. */
const kinds = new Map<string, (rest: string, options: SourceOptions) => Promise<PhysicalSource>>([
  [
    "pgbackrest",
    async (rest, options) => (await import("./pgbackrest/open_pgbackrest.ts")).openPgBackRest(rest, options),
  ],
  ["barman", async (rest, options) => (await import("./barman/open_barman.ts")).openBarman(rest, options)],
  ["command", async (rest, options) => (await import("./command_source.ts")).openCommand(rest, options)],
]);

/** Opens what `--physical` names: a tool by its word, a directory otherwise. Nothing is read yet. */
export async function openPhysicalSource(text: string, options: SourceOptions): Promise<PhysicalSource> {
  const [, kind, rest] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  const open = kinds.get(kind);
  if (open) return await open(rest, options);
  return (await import("./base_backups.ts")).openBaseBackups(text, options);
}
