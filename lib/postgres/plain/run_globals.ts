import type { Sql } from "../connection/connect.ts";
import { readDumpText } from "./dump_text.ts";
import { roleMadeBy, unquoted } from "./roles_in_sql.ts";
import { sqlPartsOf } from "./survey_sql_dump.ts";

/** What came of a file of `pg_dumpall --globals-only`. */
interface GlobalsRun {
  /** What the server did not take. */
  refused: { text: string; reason: string }[];
  /** What pg_dumpall does not write; nothing behind it was run. */
  unexpected?: { line: number; text: string };
  /** Tablespaces that it would make; none was. */
  tablespaces: { name: string; owner: string; location: string }[];
}

/** All that makes or changes something. Tablespaces need directories of the source's host. */
const run = /^(?:(?:CREATE|ALTER) ROLE |GRANT |REVOKE |COMMENT ON ROLE |SECURITY LABEL FOR .* ON ROLE )/is;
const ofTablespaces =
  /^(?:(?:CREATE|ALTER|COMMENT ON) TABLESPACE |(?:GRANT|REVOKE) .* ON TABLESPACE |SECURITY LABEL FOR .* ON TABLESPACE )/is;
const ofSession = /^(?:SET \w+ ?=|SELECT pg_catalog\.set_config\()/i;
const name = `"(?:[^"]|"")+"|[^ ]+`;
const makesTablespace = new RegExp(`^CREATE TABLESPACE (${name}) OWNER (${name}) LOCATION '((?:[^']|'')*)'$`, "is");
const atOnce = 200;

/**
 * Runs a file of `pg_dumpall --globals-only` in an open transaction, as the caller's role, and goes on after what the server
 * does not take. Only statements of the kinds that pg_dumpall writes are run, so that none ends the transaction.
 *
 * @param superuser The cluster's own, which is there and stays as it is.
 */
export async function runGlobals(sql: Sql, path: string, superuser: string): Promise<GlobalsRun> {
  const result: GlobalsRun = { refused: [], tablespaces: [] };
  let waiting: { statement: string; text: string }[] = [];

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      await inSavepoint(sql, batch.map(({ statement }) => statement).join(";\n"));
    } catch {
      for (const { statement, text } of batch) {
        await inSavepoint(sql, statement).catch((error) => result.refused.push({ text, reason: error.message }));
      }
    }
  }

  for await (const part of sqlPartsOf({ read: () => readDumpText(path) })) {
    if (part.kind === "command" && /^\\(?:un)?restrict [A-Za-z0-9]+$/.test(part.text.trim())) continue;
    if (part.kind === "comment") continue;
    if (part.kind !== "statement") {
      result.unexpected = { line: "line" in part ? part.line : 0, text: "text" in part ? part.text : "rows" };
      break;
    }
    const { text, line, bytes } = part;
    if (ofSession.test(text)) continue;
    if (ofTablespaces.test(text)) {
      const [, made, owner, location] = makesTablespace.exec(text) ?? [];
      if (made) {
        const plain = new TextDecoder().decode(Uint8Array.from(location.replaceAll("''", "'"), (c) => c.charCodeAt(0)));
        result.tablespaces.push({ name: unquoted(made), owner: unquoted(owner), location: plain });
      }
      continue;
    }
    if (!run.test(text)) {
      result.unexpected = { line, text: text.slice(0, 80) };
      break;
    }
    if (roleMadeBy(text) === superuser || roleAltered(text) === superuser) continue;
    waiting.push({ statement: new TextDecoder().decode(bytes), text });
    if (waiting.length >= atOnce) await flush();
  }
  await flush();
  return result;
}

/** Whose attributes a statement says. */
function roleAltered(text: string): string | undefined {
  const altered = new RegExp(`^ALTER ROLE (${name}) WITH `, "i").exec(text)?.[1];
  return altered === undefined ? undefined : unquoted(altered);
}

async function inSavepoint(sql: Sql, statements: string): Promise<void> {
  await sql.unsafe("SAVEPOINT globals");
  try {
    await sql.unsafe(statements);
    await sql.unsafe("RELEASE SAVEPOINT globals");
  } catch (error) {
    await sql.unsafe("ROLLBACK TO SAVEPOINT globals");
    throw error;
  }
}
