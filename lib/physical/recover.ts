import { join } from "node:path";
import { connect, type Sql } from "../postgres/connection/connect.ts";
import { errorsInLog } from "../postgres/server_errors.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { authenticationFailed, cannotConnect, databaseMissing } from "../postgres/connection/findings/reaching.ts";
import type { ServerTools } from "../postgres/tools.ts";
import { is } from "../system/define_finding.ts";
import type { Sandbox, View } from "../system/isolation/sandbox.ts";
import type { ControlData } from "./control_data.ts";
import { FetchedWal, isSure } from "./fetched_wal.ts";
import { recoveryFailed, targetTooEarly, timelineUnreachable, walUnusable } from "./findings/recovery.ts";
import { mappablePath } from "./mappable_path.ts";
import { type RecoveryTarget, targetSettings, targetText } from "./recovery_target.ts";
import { type RestoredServer, startRestoredServer } from "./restored_server.ts";
import type { RestoreSpace } from "./restore_space.ts";
import { type FetchCommand, startWalFetcher, type WalFetcher } from "./wal_fetcher.ts";

/** What is recovered, and how far. */
interface RecoverOptions {
  space: RestoreSpace;
  tools: ServerTools;
  sandbox: Sandbox;
  control: ControlData;
  /** What the backup is called. */
  backup: string;
  target: RecoveryTarget;
  fetch: FetchCommand;
  /** Who may be the superuser. */
  superusers: readonly string[];
  signal: AbortSignal;
  say: (message: string) => void;
  /** Told of each file of WAL as it comes. */
  onFetched?: (fetched: FetchedWal) => void;
}

/** A cluster that has come as far as it goes, and can be read. */
export interface RecoveredCluster {
  server: RestoredServer;
  superuser: string;
  /** One that everybody may connect to. */
  database: string;
  /** `target`: it is paused there. `end`: there is no more WAL that it can read. */
  stoppedAt: "target" | "end";
  /** How the server says where it stopped. */
  saidTarget?: string;
  lsn: string;
  /** The last commit that was replayed; absent where none was. */
  lastCommitAt?: Date;
  /** How long the server replayed, with what it waited for WAL. */
  ms: number;
  /** The WAL that it got. */
  fetched: FetchedWal;
  /** What was mapped for the tablespaces that the WAL made. */
  mapped: View["map"];
  parameters(database: string): Promise<ConnectionParameters>;
  close(): Promise<void>;
}

/** A server under way, and what it asked for. */
interface Attempt {
  server: RestoredServer;
  fetcher: WalFetcher;
  fetched: FetchedWal;
  failure?: unknown;
}

/** How a server answers that does not accept sessions yet. */
const startingUp = "57P03";

const pollMs = 50;
const mostAttempts = 20;

/**
 * Starts the server of a restored cluster, and follows it until it stops at its target or has no more WAL. What the WAL asks
 * for on the way (more connections, a place for a tablespace) it gets, in another attempt.
 *
 * It stays a standby all the time: at the end of the WAL it waits, read-only, and does not come up as something else.
 *
 * @throws {OperatorError} `TARGET_TOO_EARLY`, `TIMELINE_UNREACHABLE`, `RECOVERY_FAILED`, `RESTORE_COMMAND_FAILED`.
 */
export async function recover(options: RecoverOptions): Promise<RecoveredCluster> {
  const { space, control, target, signal } = options;
  const settings: Record<string, string> = {
    ...Object.fromEntries(Object.entries(control.settings).map(([name, value]) => [name, String(value)])),
    ...targetSettings(target),
  };
  const mapped: { path: string; at: string }[] = [];
  for (let count = 1;; count++) {
    const started = performance.now();
    const attempt = await startAttempt(options, count, settings, mapped);
    const close = async () => {
      await attempt.server.kill();
      await attempt.fetcher.close();
    };
    try {
      const followed = await follow(options, attempt);
      if (followed.state === "came") {
        const { state: _, ...came } = followed;
        return {
          ...came,
          mapped,
          server: attempt.server,
          fetched: attempt.fetched,
          ms: performance.now() - started,
          close,
        };
      }
      if (count === mostAttempts) throw ended(options.backup, followed.log);
      if (followed.state === "raised") {
        settings[followed.name] = followed.value;
        options.say(`once more, with ${followed.name} = ${followed.value}, as in the WAL`);
      } else {
        const path = join(space.cluster, `mapped.${mapped.length}`);
        await Deno.mkdir(path, { mode: 0o700 });
        const { account } = options.sandbox;
        if (account) await Deno.chown(path, account.uid, account.gid);
        mapped.push({ path, at: followed.path });
        options.say(`once more, with a separate directory for the tablespace at ${followed.path}`);
      }
    } catch (error) {
      await close();
      throw error;
    }
    await close();
    signal.throwIfAborted();
  }
}

async function startAttempt(
  { space, tools, sandbox, control, fetch }: RecoverOptions,
  count: number,
  settings: Record<string, string>,
  mapped: { path: string; at: string }[],
): Promise<Attempt> {
  const attempt: Partial<Attempt> & { fetched: FetchedWal } = { fetched: new FetchedWal(control.walSegmentBytes) };
  attempt.fetcher = await startWalFetcher(join(space.wal, String(count)), fetch, {
    account: sandbox.account,
    segmentBytes: control.walSegmentBytes,
    onFetched: (fetched) => attempt.fetched.add(fetched),
    onFailure: (error) => attempt.failure ??= error,
  });
  const { restoreCommand } = attempt.fetcher;
  attempt.server = await startRestoredServer({
    space,
    tools,
    sandbox,
    mapped,
    settings: { ...settings, restore_command: restoreCommand },
  });
  return attempt as Attempt;
}

type Followed =
  | ({ state: "came" } & Omit<RecoveredCluster, "mapped" | "server" | "fetched" | "ms" | "close">)
  | { state: "raised"; name: string; value: string; log: string }
  | { state: "tablespace"; path: string; log: string };

async function follow(options: RecoverOptions, attempt: Attempt): Promise<Followed> {
  const { server, fetched } = attempt;
  const { signal, onFetched, superusers } = options;
  let session: Session | undefined;
  // How much had been asked for when the last record was replayed.
  let still = { lsn: "", asked: 0 };
  try {
    for (;;) {
      signal.throwIfAborted();
      if (attempt.failure) throw attempt.failure;
      onFetched?.(fetched);
      if (!server.isRunning()) return whyEnded(await server.readLog(), options, still.lsn);
      session ??= await openSession(server, superusers);
      const seen = session && await look(session.sql, options.tools.major).catch(async () => {
        // A database that is dropped on the way takes its sessions with it.
        await session?.sql.end({ timeout: 0 }).catch(() => {});
        session = undefined;
      });
      const log = seen?.isPaused || fetched.isAtEnd() ? await server.readLog() : "";
      if (seen?.isPaused) {
        const raised = raisedSetting(log);
        if (raised) return { state: "raised", ...raised, log };
      }
      if (seen && seen.lsn !== still.lsn) still = { lsn: seen.lsn, asked: fetched.asked };
      // A command that takes longer than the pause between two attempts leaves the server no time to wait.
      const isStill = fetched.asked - still.asked >= isSure;
      const saidTarget = /^\S+ LOG: +(recovery stopping .*)$/m.exec(log)?.[1];
      const stoppedAt = seen?.isPaused && saidTarget !== undefined
        ? "target"
        : fetched.isAtEnd() && (seen?.isWaiting || isStill)
        ? "end"
        : undefined;
      if (session && seen && stoppedAt) {
        const { superuser, database } = session;
        const { lsn, lastCommitAt } = seen;
        return {
          state: "came",
          superuser,
          database,
          stoppedAt,
          ...(stoppedAt === "target" && { saidTarget }),
          lsn,
          lastCommitAt,
          parameters: (name) => server.parameters(superuser, name),
        };
      }
      if (!session && fetched.isAtEnd()) throw neverConsistent(options, attempt, log);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  } finally {
    await session?.sql.end({ timeout: 1 }).catch(() => {});
  }
}

interface Session {
  sql: Sql;
  superuser: string;
  database: string;
}

/** Whoever of them is let in; `undefined` while none is. */
async function openSession(server: RestoredServer, superusers: readonly string[]): Promise<Session | undefined> {
  const tried = [...new Set([...superusers, "postgres"])];
  for (const superuser of tried) {
    for (const database of ["postgres", "template1"]) {
      try {
        const sql = await connect(await server.parameters(superuser, database));
        if (sql.parameters.is_superuser === "on") return { sql, superuser, database };
        await sql.end({ timeout: 0 });
        break;
      } catch (error) {
        if (is(error, cannotConnect)) return undefined;
        if (!is(error, authenticationFailed, databaseMissing)) throw error;
      }
    }
  }
  throw recoveryFailed.superuser.error({ tried });
}

interface Seen {
  isPaused: boolean;
  /** Nowhere is there a next record. */
  isWaiting: boolean;
  lsn: string;
  lastCommitAt?: Date;
}

async function look(sql: Sql, major: number): Promise<Seen> {
  const isPaused = major >= 14
    ? sql`pg_catalog.pg_get_wal_replay_pause_state() = 'paused'`
    : sql`pg_catalog.pg_is_wal_replay_paused()`;
  const [seen] = await sql<{ isPaused: boolean; isWaiting: boolean; lsn: string; at: Date | null }[]>`
    SELECT
      ${isPaused} AS "isPaused",
      EXISTS (
        SELECT FROM pg_catalog.pg_stat_activity
        WHERE backend_type = 'startup' AND wait_event = 'RecoveryRetrieveRetryInterval'
      ) AS "isWaiting",
      pg_catalog.pg_last_wal_replay_lsn()::text AS lsn,
      pg_catalog.pg_last_xact_replay_timestamp() AS at`;
  const { at, ...rest } = seen;
  return { ...rest, lastCommitAt: at === null ? undefined : new Date(at) };
}

/** What the WAL wants more of than this server has. */
function raisedSetting(log: string): { name: string; value: string } | undefined {
  const all = [
    ...log.matchAll(/(\w+) = \d+ is a lower setting than on the primary server, where its value was (\d+)/g),
  ];
  const [, name, value] = all.at(-1) ?? [];
  return name === undefined ? undefined : { name, value };
}

function whyEnded(log: string, options: RecoverOptions, lsn: string): Followed {
  const { backup, target, control, sandbox } = options;
  const raised = raisedSetting(log);
  if (raised) return { state: "raised", ...raised, log };
  const path = /^\S+ FATAL: +directory "(\/.*)" does not exist$/m.exec(log)?.[1];
  if (path !== undefined && /WAL redo at \S+ for Tablespace\/CREATE/.test(log)) {
    if (sandbox.maps && mappablePath(path)) return { state: "tablespace", path, log };
    throw recoveryFailed.tablespace.error({ path });
  }
  const [said = "", segment] = /archive file "([0-9A-F]{24})" has wrong size: .*/.exec(log) ?? [];
  if (segment !== undefined && lsn !== "") throw walUnusable.content.error({ segment, said, lsn });
  const id = /resource manager with ID (\d+) not registered/.exec(log)?.[1];
  if (id !== undefined) throw recoveryFailed.resourceManager.error({ id, log: lastLines(log) });
  if (/requested recovery stop point is before consistent recovery point/.test(log)) {
    throw targetTooEarly.server.error({ target: targetText(target), backup });
  }
  const newest = /requested timeline (\d+) (?:is not a child|does not contain)/.exec(log)?.[1];
  if (newest !== undefined) {
    throw timelineUnreachable.dead.error({ backup, timeline: control.timeline, newest: Number(newest) });
  }
  throw ended(backup, log);
}

function ended(backup: string, log: string) {
  const reason = errorsInLog(log).at(-1)?.message ?? "it said no more";
  return recoveryFailed.ended.error({ backup, reason, log: lastLines(log) });
}

function lastLines(log: string): string {
  return log.split("\n").slice(-20).join("\n").trim();
}

function neverConsistent({ backup }: RecoverOptions, { fetched }: Attempt, log: string) {
  const lines = lastLines(log);
  if (/consistent recovery state reached/.test(log)) {
    const refusal = errorsInLog(log).findLast(({ sqlstate }) => sqlstate !== startingUp);
    if (refusal) return recoveryFailed.sessions.error({ backup, reason: refusal.message, log: lines });
    return recoveryFailed.unready.error({ log: lines });
  }
  return fetched.problem({ backup, log, isConsistent: false }) ?? ended(backup, log);
}
