import { describeEntry } from "../../manifest/archive_part.ts";
import { captureDefinitions, type Definition } from "../../manifest/definitions.ts";
import { nameInDump } from "../../manifest/selection.ts";
import type { ArchiveEntry } from "../../postgres/archive_contents.ts";
import type { Sql } from "../../postgres/connection/connect.ts";
import { inPlaceBlocked } from "./findings/replacing.ts";

/** What an overwriting would do to a database. */
export interface RehearsedDrops {
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
 * @throws {OperatorError} `IN_PLACE_BLOCKED`, naming what stands in the way; nothing was touched.
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
