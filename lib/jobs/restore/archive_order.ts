import type { ArchiveEntry } from "../../postgres/archive_contents.ts";

/**
 * Puts entries in an order in which they can be dropped in reverse, too: as `pg_restore --clean` does.
 *
 * pg_dump puts a partitioned table's key before those of its partitions, which hang on it, and cannot be dropped by
 * themselves: dropping the first drops them. Made they can be in any order, as they are attached later.
 */
export function droppableOrder(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const isIndex = (entry?: ArchiveEntry) => entry !== undefined && /^(INDEX|CONSTRAINT)$/.test(entry.kind);
  const parentsOf = new Map<ArchiveEntry, Set<ArchiveEntry>>();
  for (const attach of entries.filter(({ kind }) => kind === "INDEX ATTACH")) {
    const indexes = attach.needs.flatMap((id) => byId.get(id) ?? []).filter(isIndex);
    // Which of the two is the parent: the partition's own bears the attachment's name.
    const child = indexes.find(({ kind, schema, name }) =>
      schema === attach.schema && (kind === "INDEX" ? name === attach.name : name.endsWith(` ${attach.name}`))
    );
    for (const parent of indexes) {
      if (child && parent !== child) parentsOf.set(child, (parentsOf.get(child) ?? new Set()).add(parent));
    }
  }
  if (parentsOf.size === 0) return [...entries];
  const childrenOf = Map.groupBy(
    [...parentsOf].flatMap(([child, parents]) => [...parents].map((parent) => ({ child, parent }))),
    ({ parent }) => parent,
  );
  const ordered = new Set<ArchiveEntry>();
  const place = (entry: ArchiveEntry, above: ReadonlySet<ArchiveEntry> = new Set()) => {
    if (ordered.has(entry) || above.has(entry)) return;
    const path = new Set([...above, entry]);
    const parents = parentsOf.get(entry);
    for (const id of entry.needs) {
      const needed = byId.get(id);
      if (needed && !parents?.has(needed)) place(needed, path);
    }
    for (const { child } of childrenOf.get(entry) ?? []) place(child, path);
    ordered.add(entry);
  };
  for (const entry of entries) place(entry);
  return [...ordered];
}
