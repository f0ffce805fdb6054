import { z } from "zod";
import type { Manifest } from "../manifest/manifest.ts";
import { lineText, writtenDuration } from "../options/fields.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import type { Store } from "../storage/store.ts";
import type { Assertion, Finding, Note, Verdict } from "../verdict/verdict.ts";
import type { ConfiguredFile } from "./files/configured_file.ts";

/** What every check has besides the options of its kind. */
const commonShape = {
  name: lineText.describe("The name of the check in verdicts; each check needs its own."),
  severity: z.enum(["fail", "warn", "review"]).default("fail").describe(
    "What it means if the check finds something: the verdict fails, it is a warning, or a person must look at it and " +
      "repeat the command with --reviewed-by.",
  ),
  timeout: writtenDuration.default(60_000).describe("Time limit; then the check counts as not run."),
};

/** The option of every check that looks into a database. */
export const whichDatabase = {
  database: z.string().optional().describe("Which database; optional if there is only one."),
};

type CommonOptions = z.infer<z.ZodObject<typeof commonShape>>;

/** A kind of check: one file each in this room, and one line in `kinds.ts`. */
export interface CheckKind<Shape extends z.ZodRawShape = z.ZodRawShape> {
  kind: string;
  /** One sentence: what it asserts. */
  summary: string;
  /** Of one check of this kind, as the configuration has it. */
  schema: z.ZodObject<Shape & typeof commonShape & { kind: z.ZodLiteral<string> }>;
  /** Looks, and says what it found. What it throws means that it could not look: the check was not run. */
  run(options: OptionsOf<Shape>, context: CheckContext): Promise<CheckResult>;
  /**
   * Notes at backup time what `run` compares with; the manifest holds it under the check's name. Databases are at the
   * dump's snapshot. Must be JSON, and must not hold a secret.
   */
  baseline?(options: OptionsOf<Shape>, context: BaselineContext): Promise<unknown>;
}

export type OptionsOf<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>> & CommonOptions;

/** What one check found. A failed assertion comes with a finding that says what to do. */
export interface CheckResult {
  assertions: Pick<Assertion, "name" | "ok" | "expected" | "actual">[];
  findings?: Finding[];
  notes?: Note[];
}

/** What a check can look at, when a backup is made. */
export interface BaselineContext {
  /** Aborted when the run is, and when the check has taken too long. */
  readonly signal: AbortSignal;
  /**
   * Runs queries in a read-only transaction that is rolled back, with the database's own search_path.
   *
   * @param name As the configuration names it; may be left out where there is only one.
   */
  inDatabase<T>(name: string | undefined, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** @param bucket A name among the configuration's `buckets`, or a store's address. Closed after the run. */
  openBucket(bucket: string): Promise<Store>;
  /** The configuration's `files`. */
  readonly files: readonly ConfiguredFile[];
}

/** What a check can look at, when a restore is checked. */
export interface CheckContext extends BaselineContext {
  /** Where the restored database is; for a check that wants several sessions. */
  parametersOf(name: string | undefined): ConnectionParameters;
  /** Absent for a dump without a manifest. */
  manifestOf(name: string | undefined): Manifest | undefined;
  /** What this check's `baseline` noted at backup time; absent where the backup was made without it. */
  readonly recorded: unknown;
  /** Where the application answers, such as `http://127.0.0.1:40123`; throws if it was not started. */
  urlOf(app: string | undefined): string;
  /** The last drill of an earlier backup of this database that passed, if there is one. */
  lastGoodDrill(): Promise<Verdict | undefined>;
  /** When the run began. */
  readonly startedAt: Date;
}

/** What a kind of check is made of. */
interface CheckDefinition<Shape extends z.ZodRawShape>
  extends Pick<CheckKind<Shape>, "kind" | "summary" | "run" | "baseline"> {
  shape: Shape;
  /** What a finding means unless the check says otherwise. @default {"fail"} */
  severity?: CommonOptions["severity"];
  /** Says what is wrong with options that are right one by one; nothing if they go together. */
  contradiction?(options: OptionsOf<Shape>): string | undefined;
}

/** Puts a kind of check together. */
export function defineCheck<Shape extends z.ZodRawShape>(
  { kind, shape, severity = "fail", contradiction, ...rest }: CheckDefinition<Shape>,
): CheckKind<Shape> {
  const common = {
    ...commonShape,
    severity: commonShape.severity.removeDefault().default(severity).describe(commonShape.severity.description!),
  };
  const schema = z.strictObject({ kind: z.literal(kind), ...common, ...shape });
  const refined = !contradiction ? schema : schema.superRefine((options, context) => {
    const wrong = contradiction(options as unknown as OptionsOf<Shape>);
    if (wrong !== undefined) context.addIssue(wrong);
  });
  return { kind, ...rest, schema: refined as unknown as CheckKind<Shape>["schema"] };
}

/** What an assertion expected, and what was there. */
interface Expected {
  ok: boolean;
  expected: unknown;
  actual: unknown;
}

/**
 * One assertion of a check, and what to say where it does not hold.
 *
 * @param findings Left out where it holds. A single one gets `expected` and `actual` from the assertion.
 */
export function expect(name: string, { ok, expected, actual }: Expected, ...findings: Finding[]): CheckResult {
  const paired = findings.length === 1 ? [{ expected, actual, ...findings[0] }] : findings;
  return { assertions: [{ name, ok, expected, actual }], findings: ok ? [] : paired };
}

/** What several looks found, as one result. */
export function together(...results: readonly CheckResult[]): CheckResult {
  const notes = results.flatMap(({ notes = [] }) => notes);
  return {
    assertions: results.flatMap(({ assertions }) => assertions),
    findings: results.flatMap(({ findings = [] }) => findings),
    ...(notes.length > 0 && { notes }),
  };
}
