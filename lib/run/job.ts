import type { Sql } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { makeScratchDatabase, type ScratchDatabase } from "../postgres/scratch_database.ts";
import { type SharedSnapshot, type SharedSnapshotOptions, takeSharedSnapshot } from "../postgres/shared_snapshot.ts";
import type { Progress } from "../report/progress/progress.ts";
import { openStore } from "../storage/open_store.ts";
import type { Store, StoreOptions } from "../storage/store.ts";
import type { Measure } from "../system/amount.ts";
import { makeWorkspace, type Workspace } from "../system/workspace.ts";
import type { Section } from "../verdict/sections.ts";
import type { Assertion, Finding, Note, Verdict } from "../verdict/verdict.ts";

/** What every job gets from its command. */
export interface JobOptions {
  /** Aborted when the operator or the system asks us to stop. */
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
  /**
   * Whether anybody looks at how far a phase has come. Without it no session is opened to ask the server.
   * @default {false}
   */
  measured?: boolean;
  /** How long the whole job may take. */
  timeoutMs?: number;
  /** Which configuration the options are from, for the verdict. */
  configuration?: Verdict["config"];
  /** Keeps the verdict as signed evidence. */
  evidence?: EvidenceKeeper;
  /**
   * Put stack traces of internal errors into findings.
   * @default {false}
   */
  debug?: boolean;
}

/** What keeps the verdict of a job as signed evidence. */
export interface EvidenceKeeper {
  /** The file with the private key. */
  signingKey: string;
  /** Called before the first step; it asks the job to keep its verdict. */
  keep(job: Job): Promise<void>;
}

/** A run in progress: what is timed, and what will be cleaned up. */
export interface Run {
  readonly signal: AbortSignal;
  /**
   * Runs one timed step. Rejects at once when the job is interrupted; cleanup then ends what the step had under way.
   *
   * @param work Given what takes its progress, if anybody looks.
   */
  phase<T>(name: string, work: (measure?: Measure) => Promise<T>): Promise<T>;
  /** Says something to whoever is watching. */
  say(message: string): void;
  /**
   * Makes something that must not outlive the job. It is released in reverse order however the job ends, also when the
   * job is interrupted while it is being made; a release that fails is reported.
   */
  acquire<T>(what: string, make: () => Promise<T>, release: (made: T) => Promise<void>): Promise<T>;
  /**
   * Has the finished verdict kept somewhere as well, after everything is cleaned up. Who asked first keeps last, and so
   * sees what the others found.
   *
   * @param keep Given, too, what is aborted when the run is to end; it may be already, and the verdict is kept even so.
   */
  keepVerdict(keep: (verdict: Verdict, signal: AbortSignal) => Promise<void>): void;
}

/** The verdict of a run in progress: what was looked at and found. */
export interface VerdictSoFar<Sections extends Section = Section> {
  /**
   * Asserts that `actual` is what was expected; a difference makes the verdict `fail`.
   *
   * @param findings Say why, and are added only where it differs; warnings are added in any case.
   */
  expect(name: string, compared: { expected: unknown; actual: unknown }, ...findings: Finding[]): void;
  /** Adds assertions as they are; the schema says what their `severity` and `not_run` mean for the verdict. */
  assert(...assertions: Assertion[]): void;
  /** What the verdict says so far. */
  soFar(): Readonly<Verdict>;
  /** Whether something was found wrong already; what could not be looked at is not that. */
  hasFailed(): boolean;
  /** Whether the verdict would be `pass`, were this the end. */
  isGood(): boolean;
  /** Adds what is wrong; a warning leaves the verdict as it is. */
  find(...findings: Finding[]): void;
  /** Adds why something could not be looked at: the verdict is not `pass`, and not `fail` because of that. */
  leaveOpen(...findings: Finding[]): void;
  /** Adds something that differs and may. */
  note(...notes: Note[]): void;
  /** Fills sections of the verdict, those that the command has. */
  record(sections: Partial<Pick<Verdict, Sections>>): void;
}

/** What the steps of a job get: the run, and its verdict. */
export interface Job<Sections extends Section = Section> extends Run, VerdictSoFar<Sections> {}

// What jobs acquire again and again, each released as it must be.

/** Opens a store for as long as the job runs: what it has under way is ended before the job is. */
export function acquireStore(run: Run, address: string, options: Omit<StoreOptions, "signal">): Promise<Store> {
  const wanted = { ...options, signal: run.signal };
  return run.acquire(`the store ${address}`, () => openStore(address, wanted), (store) => store.close());
}

/** @param parent Where it is made. @default {with other temporary files} */
export function acquireWorkspace(run: Run, parent?: string): Promise<Workspace> {
  return run.acquire("the workspace", () => makeWorkspace(parent), (made) => made.close());
}

export function acquireConnection(run: Run, open: () => Promise<Sql>): Promise<Sql> {
  return run.acquire("the connection", open, (sql) => sql.end({ timeout: 0 }));
}

/** @param around What is done meanwhile; it returns the snapshot. */
export function acquireSnapshot(
  run: Run,
  parameters: ConnectionParameters,
  options: Omit<SharedSnapshotOptions, "signal"> = {},
  around: (taking: Promise<SharedSnapshot>) => Promise<SharedSnapshot> = (taking) => taking,
): Promise<SharedSnapshot> {
  const take = () => around(takeSharedSnapshot(parameters, { ...options, signal: run.signal }));
  return run.acquire("the snapshot", take, (taken) => taken.release());
}

/** How a scratch database is made and released. */
interface ScratchOptions {
  /** @default {"the scratch database"} */
  what?: string;
  /** Makes the empty database; as the server makes them, unless it says otherwise. */
  make?: (name: string) => Promise<unknown>;
  /** What becomes of it. @default {it is dropped} */
  release?: (scratch: ScratchDatabase) => Promise<void>;
}

/** @param sql A session that stays open as long. */
export function acquireScratch(run: Run, sql: Sql, options: ScratchOptions = {}): Promise<ScratchDatabase> {
  const { what = "the scratch database", make, release = (scratch) => scratch.drop() } = options;
  const say = (name: string) => run.say(`dropped ${name}, left behind by a run that died`);
  return run.acquire(what, () => makeScratchDatabase(sql, say, make), release);
}
