import { describeEntry } from "../../manifest/archive_part.ts";
import { captureDefinitions, type Definition } from "../../manifest/definitions/definitions.ts";
import { nameInDump } from "../../manifest/selection.ts";
import type { ArchiveEntry } from "../../postgres/archive_contents.ts";
import type { Sql } from "../../postgres/connection/connect.ts";
import { inPlaceBlocked } from "./findings/replacing.ts";

/** What an overwriting would do to a database. */
interface RehearsedDrops {
  /** What was in it beforehand. */
  before: Definition[];
  /** What stays as it is, as something newer needs it and the backup has it the same. */
  kept: Set<ArchiveEntry>;
}

const mayStay = /^(SCHEMA|EXTENSION)$/;
const isRelation = /^((FOREIGN )?TABLE|(MATERIALIZED )?VIEW|SEQUENCE)$/;

/**
 * Drops what an overwriting drops first, as pg_restore would, in a transaction that is rolled back.
 *
 * @param entries In the order in which they are restored.
 * @param expected The backup's definitions.
 * @throws {OperatorError} `IN_PLACE_BLOCKED`, naming what is in the way; nothing was touched.
 */
export async function rehearseDrops(
  sql: Sql,
  entries: readonly ArchiveEntry[],
  expected: readonly Definition[],
): Promise<RehearsedDrops> {
  const blocked: { entry: ArchiveEntry; why: string }[] = [];
  await sql.unsafe("BEGIN");
  try {
    await sql.unsafe("SET LOCAL lock_timeout = '10s'");
    const before = await captureDefinitions(sql);
    for (const entry of entries.toReversed()) {
      if (entry.dropStatement === "" || /^(BLOB|DATABASE)/.test(entry.kind)) continue;
      await sql.unsafe("SAVEPOINT drop");
      try {
        // One statement, whatever the dump says: with the extended protocol the server takes no second one.
        await sql.unsafe(ifExists(entry), [], { prepare: true });
        await sql.unsafe("RELEASE SAVEPOINT drop");
      } catch (error) {
        const { code, message, detail } = error as { code?: string; message: string; detail?: string };
        if (code === undefined || /^(53|55|57|58|XX)/.test(code)) throw error;
        await sql.unsafe("ROLLBACK TO SAVEPOINT drop");
        blocked.push({ entry, why: detail ?? message });
      }
    }
    const kept = new Set(blocked.map(({ entry }) => entry).filter((entry) => staysTheSame(entry, before, expected)));
    const rest = blocked.filter(({ entry }) => !kept.has(entry));
    if (rest.length > 0) {
      throw inPlaceBlocked.inTheWay.error({
        blocked: rest.map(({ entry, why }) => ({ what: describeEntry(entry), why })),
      });
    }
    return { before, kept };
  } finally {
    await sql.unsafe("ROLLBACK");
  }
}

/** Postgres names what needs it; a newer table may well lie in a schema of the backup, or use a type of it. */
function staysTheSame(entry: ArchiveEntry, before: readonly Definition[], expected: readonly Definition[]): boolean {
  const { kind, schema, name } = entry;
  if (mayStay.test(kind)) return true;
  if (schema === "" || isRelation.test(kind)) return false;
  const find = (definitions: readonly Definition[]) =>
    definitions.filter(({ identity }) => nameInDump(identity) === `${schema} ${name}`);
  const [now, then] = [find(before), find(expected)];
  return now.length === 1 && then.length === 1 && now[0].definition === then[0].definition;
}

/** PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c: RestoreArchive. */
function ifExists({ kind, dropStatement }: ArchiveEntry): string {
  const statement = dropStatement.replace(/^ALTER TABLE/, "ALTER TABLE IF EXISTS");
  if (kind === "DEFAULT" || statement.startsWith("CREATE OR REPLACE VIEW")) return statement;
  const what = /CONSTRAINT$/.test(kind) ? "CONSTRAINT" : kind;
  return statement.replace(`DROP ${what}`, `DROP ${what} IF EXISTS`);
}

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
