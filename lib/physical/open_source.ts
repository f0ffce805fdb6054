import type { PhysicalSource, SourceOptions } from "./source.ts";

/** The kinds of source that begin with a word, `pgbackrest:main`. Each loads what it needs. */
const kinds: Readonly<Record<string, (rest: string, options: SourceOptions) => Promise<PhysicalSource>>> = {
  pgbackrest: async (rest, options) => (await import("./pgbackrest/open_pgbackrest.ts")).openPgBackRest(rest, options),
  barman: async (rest, options) => (await import("./barman/open_barman.ts")).openBarman(rest, options),
  command: async (rest, options) => (await import("./command_source.ts")).openCommand(rest, options),
};

/** Opens what `--physical` names, where it begins with a kind. Nothing is read yet. */
export async function openPhysicalSource(text: string, options: SourceOptions): Promise<PhysicalSource | undefined> {
  const [, kind, rest] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  return await kinds[kind]?.(rest, options);
}
