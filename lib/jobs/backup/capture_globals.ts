import { newSalt, readGlobals } from "../../manifest/globals/read_globals.ts";
import type { Globals, ReadGlobals } from "../../manifest/manifest.ts";
import { connect, type Sql } from "../../postgres/connection/connect.ts";
import { dumpGlobals } from "../../postgres/pg_dump.ts";
import { beginReadOnly } from "../../postgres/transactions.ts";
import type { SharedSnapshot } from "../../postgres/shared_snapshot.ts";
import type { ClientTools } from "../../postgres/tools.ts";
import type { Job } from "../../run/job.ts";
import { globalsSuffix, passwordsSuffix } from "../../storage/backup_name.ts";
import { reasonOf } from "../../system/operator_error.ts";
import type { Finding } from "../../verdict/verdict.ts";
import type { DumpSink } from "./dump_sink.ts";
import {
  globalsNotDumped,
  globalsNotRecorded,
  globalsUnsettled,
  passwordsUnreadable,
  settingsOfAllLeftOut,
} from "./findings/cluster.ts";

/** What belongs to the cluster, read and not written yet. */
export interface CapturedGlobals {
  read?: Omit<Globals, "file" | "passwords">;
  /** What pg_dumpall wrote. */
  sql?: Uint8Array<ArrayBuffer>;
  passwords?: { sql: Uint8Array<ArrayBuffer>; roles: string[] };
  warnings: Finding[];
}

/** A role may be changed while pg_dumpall runs: then it runs again. */
const mostAttempts = 3;

/**
 * Reads what belongs to the cluster, and has pg_dumpall write it.
 *
 * pg_dumpall takes no snapshot of another session. So the catalogs are read at the snapshot, and again when pg_dumpall has
 * ended: if nothing changed in between, all of it is of the snapshot's instant.
 *
 * @returns With warnings in the place of what could not be had: a backup of rows is one without roles, too.
 */
export async function captureGlobals(
  job: Job,
  { id, parameters }: SharedSnapshot,
  { tools, withPasswordHashes = false }: { tools: ClientTools; withPasswordHashes?: boolean },
): Promise<CapturedGlobals> {
  let sql: Sql | undefined;
  try {
    sql = await connect(parameters, { signal: job.signal });
    const salt = newSalt();
    await beginReadOnly(sql, id);
    const atSnapshot = await readGlobals(sql, salt);
    await sql.unsafe("COMMIT");
    let before = atSnapshot;
    let isSettled = false;
    let dumped;
    for (let attempt = 1; attempt <= mostAttempts && !isSettled; attempt++) {
      dumped = await dumpGlobals(parameters, { tools, signal: job.signal });
      const after = await readGlobals(sql, salt);
      isSettled = isSame(before, after);
      before = after;
    }
    const warnings: Finding[] = isSettled ? [] : [globalsUnsettled()];
    if ("problem" in dumped!) warnings.push(globalsNotDumped({ reason: dumped.problem, detail: dumped.detail }));
    const ofAll = before.settings.filter(({ role, database }) => role === null && database === null);
    if (ofAll.length > 0) warnings.push(settingsOfAllLeftOut({ settings: ofAll.map(({ name }) => name) }));
    const passwords = withPasswordHashes ? await readPasswords(sql) : undefined;
    if (withPasswordHashes && !passwords) warnings.push(passwordsUnreadable({ roles: withLogin(before) }));
    return {
      read: {
        taken_at: new Date().toISOString(),
        is_of_snapshot: isSame(atSnapshot, before),
        ...(!isSettled && { is_unsettled: true as const }),
        ...before,
        // These are in the dump itself, which is of the snapshot.
        databases: atSnapshot.databases,
        settings: [
          ...before.settings.filter(({ database }) => database === null),
          ...atSnapshot.settings.filter(({ database }) => database !== null),
        ],
      },
      ...("sql" in dumped! && { sql: dumped.sql }),
      passwords,
      warnings,
    };
  } catch (error) {
    job.signal.throwIfAborted();
    return { warnings: [globalsNotRecorded({ reason: reasonOf(error) })] };
  } finally {
    await sql?.end({ timeout: 0 });
  }
}

/** Writes what was read as parts of a backup. */
export async function writeGlobals(
  sink: DumpSink,
  { read, sql, passwords }: CapturedGlobals,
): Promise<Globals | undefined> {
  if (!read) return undefined;
  return {
    ...read,
    ...(sql && { file: await sink.addPart(globalsSuffix, sql) }),
    ...(passwords && {
      passwords: { ...await sink.addPart(passwordsSuffix, passwords.sql), roles: passwords.roles },
    }),
  };
}

/** What pg_dumpall writes; databases come and go, and it writes none. */
function isSame(a: ReadGlobals, b: ReadGlobals): boolean {
  const written = ({ databases: _, settings, security_labels, ...others }: ReadGlobals) =>
    JSON.stringify([
      others,
      settings.filter(({ database }) => database === null),
      security_labels.filter(({ kind }) => kind !== "database"),
    ]);
  return written(a) === written(b);
}

function withLogin({ roles }: ReadGlobals): string[] {
  return roles.filter(({ login }) => login).map(({ name }) => name);
}

async function readPasswords(sql: Sql): Promise<CapturedGlobals["passwords"]> {
  const [{ mayRead }] = await sql<{ mayRead: boolean }[]>`
    SELECT pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') AS "mayRead"`;
  if (!mayRead) return undefined;
  const found = await sql<{ role: string; statement: string }[]>`
    SELECT rolname AS role, pg_catalog.format('ALTER ROLE %I PASSWORD %L;', rolname, rolpassword) AS statement
    FROM pg_catalog.pg_authid WHERE rolpassword IS NOT NULL ORDER BY rolname COLLATE "C"`;
  const text = found.map(({ statement }) => `${statement}\n`).join("");
  return { sql: new TextEncoder().encode(text), roles: found.map(({ role }) => role) };
}
