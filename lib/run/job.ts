import type { Progress } from "../report/progress/progress.ts";
import type { Measure } from "../system/amount.ts";
import type { Assertion, Finding, Note, Verdict } from "../verdict/verdict.ts";
import type { EvidenceOptions } from "../evidence/keep_evidence.ts";

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
  /** Where the verdict is kept as signed evidence. */
  evidence?: EvidenceOptions;
  /**
   * Put stack traces of our own mistakes into findings.
   * @default {false}
   */
  debug?: boolean;
}

/** A run in progress: what its steps report to, and what will be cleaned up. */
export interface Job {
  readonly signal: AbortSignal;
  /**
   * Runs one timed step. Rejects at once when the job is interrupted; cleanup then ends what the step had under way.
   *
   * @param work Given what takes its progress, if anybody looks.
   */
  phase<T>(name: string, work: (measure?: Measure) => Promise<T>): Promise<T>;
  /**
   * Records whether `actual` is what was expected; a difference makes the verdict `fail`.
   *
   * @param findings Say why, and are recorded only where it differs; warnings are recorded in any case.
   */
  expect(name: string, compared: { expected: unknown; actual: unknown }, ...findings: Finding[]): void;
  /** Records assertions as they are; what their `severity` and `not_run` mean for the verdict stands in the schema. */
  assert(...assertions: Assertion[]): void;
  /** What the verdict says so far. */
  soFar(): Readonly<Verdict>;
  /** Whether something was found wrong already; what could not be looked at is not that. */
  hasFailed(): boolean;
  /** Whether the verdict would be `pass`, were this the end. */
  isGood(): boolean;
  /** Records what is wrong; a warning leaves the verdict as it is. */
  find(...findings: Finding[]): void;
  /** Records why something could not be looked at: the verdict is no pass, and no failure by that either. */
  leaveOpen(...findings: Finding[]): void;
  /** Records something that differs and may. */
  note(...notes: Note[]): void;
  /** Says something to whoever is watching. */
  say(message: string): void;
  /**
   * Makes something that must not outlive the job. It is released in reverse order however the job ends, also when the
   * job is interrupted while it is being made; a release that fails is reported.
   */
  acquire<T>(what: string, make: () => Promise<T>, release: (made: T) => Promise<void>): Promise<T>;
  /** Adds fields to the verdict. */
  record(fields: Partial<Verdict>): void;
  /**
   * Has the finished verdict kept somewhere as well, after everything is cleaned up. Who asked first keeps last, and so
   * sees what the others found.
   *
   * @param keep Given, too, what is aborted when the run is to end; it may be already, and the verdict is kept even so.
   */
  keepVerdict(keep: (verdict: Verdict, signal: AbortSignal) => Promise<void>): void;
}
