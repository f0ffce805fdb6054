import type { Sql } from "../../postgres/connection/connect.ts";
import { withExactSettings } from "../rows/row_digest_session.ts";
import type { Printed } from "./printed.ts";
import { NotPrintedError, reprint } from "./reprint.ts";

/** What a server printed before and after a restore. */
export type PrintedPair = [expected: Printed, found: Printed];

/** Gives a session of the restored database, inside a transaction that may write and is rolled back. */
export type InScratchTransaction = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * Readies a session for judging: none of the user's event triggers fires for what it makes.
 *
 * @returns Why it cannot judge, as half a sentence; undefined if it can.
 */
export async function prepareToJudge(sql: Sql): Promise<string | undefined> {
  try {
    await withExactSettings(sql, async () => {
      await keepEventTriggersQuiet(sql);
      await sql`CREATE VIEW pg_temp.pgrehearse_judged AS SELECT 1`;
    });
  } catch (error) {
    const { message } = (error as { cause?: Error }).cause ?? error as Error;
    return message.split("\n")[0];
  }
}

/**
 * Lets the server say whether two texts mean the same to it.
 *
 * A restore parses what the source printed. So what the restored server printed, parsed and printed once more, is what
 * comes of the source's text parsed and printed twice.
 *
 * @param sql A session for which {@linkcode prepareToJudge} had no objection.
 */
export async function isSameToServer(sql: Sql, [expected, found]: PrintedPair): Promise<boolean> {
  if (expected.kind !== found.kind) return false;
  try {
    const twice = await printAgain(sql, await printAgain(sql, expected));
    const once = await printAgain(sql, found);
    return twice.sql === once.sql;
  } catch (error) {
    if (isParseError(error)) return false;
    throw error;
  }
}

async function printAgain(sql: Sql, printed: Printed): Promise<Printed> {
  return await withExactSettings(sql, async () => {
    await sql`SET LOCAL check_function_bodies = off`;
    await sql`SET LOCAL lock_timeout = '30s'`;
    await keepEventTriggersQuiet(sql);
    return await reprint(sql, printed);
  });
}

async function keepEventTriggersQuiet(sql: Sql): Promise<void> {
  const [{ enabled, whatever, can_switch_off }] = await sql<
    { enabled: boolean; whatever: boolean; can_switch_off: boolean }[]
  >`
    SELECT
      coalesce(bool_or(evtenabled <> 'D'), false) AS enabled,
      coalesce(bool_or(evtenabled IN ('A', 'R')), false) AS whatever,
      current_setting('event_triggers', true) IS NOT NULL AS can_switch_off
    FROM pg_event_trigger`;
  if (!enabled) return;
  if (can_switch_off) await sql`SET LOCAL event_triggers = off`;
  else if (whatever) throw new Error("an event trigger would fire");
  else await sql`SET LOCAL session_replication_role = replica`;
}

/** Whether a statement was refused for what it says, and not for who ran it or when. */
function isParseError(error: unknown): boolean {
  if (error instanceof NotPrintedError) return true;
  const { code = "", cause } = error as { code?: string; cause?: { code?: string } };
  const state = cause?.code ?? code;
  return /^(0A|22|2B|42|54)...$/.test(state) && state !== "42501";
}
