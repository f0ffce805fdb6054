import type { Progress } from "../report/progress/progress.ts";
import type { Measure } from "../system/amount.ts";
import type { Section } from "../verdict/sections.ts";
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
   * Put stack traces of internal errors into findings.
   * @default {false}
   */
  debug?: boolean;
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
