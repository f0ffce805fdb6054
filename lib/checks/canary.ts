import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { sha256Text } from "../options/fields.ts";
import {
  type BaselineContext,
  type CheckContext,
  type CheckResult,
  defineCheck,
  expect,
  type OptionsOf,
  whichDatabase,
} from "./check.ts";
import { canaryAmbiguous, canaryDiffers, canaryMissing, canaryNotRecorded } from "./findings.ts";
import { readOneValue } from "./operator_sql.ts";

const shape = {
  ...whichDatabase,
  sql: z.string().min(1).describe("A query that returns the sentinel."),
  value: z.string().min(1).optional().describe(
    'What it must be, best from the environment: "${CANARY}". Without it and sha256: what it was at backup time.',
  ),
  sha256: sha256Text.optional().describe("The SHA-256 of the expected value, as UTF-8 text."),
};

type Options = OptionsOf<typeof shape>;

/** What the manifest holds. Salted, so that a short value cannot be looked up by its hash. */
const recordedSchema = z.object({ salt: z.string(), sha256: sha256Text });

export const canaryCheck = defineCheck({
  kind: "canary",
  summary: "A sentinel value that you inserted before the backup was restored exactly. The value is never shown.",
  shape,
  contradiction: ({ value, sha256 }) =>
    value !== undefined && sha256 !== undefined ? "takes value or sha256, not both" : undefined,
  run: compareCanary,
  baseline: recordCanary,
});

async function recordCanary(options: Options, context: BaselineContext): Promise<unknown> {
  const value = await readCanary(options, context);
  if (value === undefined) throw canaryMissing.recorded.error({ check: options.name });
  const salt = randomBytes(16).toString("hex");
  return { salt, sha256: sha256(salt + value) };
}

async function compareCanary(options: Options, context: CheckContext): Promise<CheckResult> {
  const isExpected = expectation(options, context);
  const value = await readCanary(options, context);
  const ok = value !== undefined && isExpected(value);
  const actual = ok ? "the same" : value === undefined ? "no value" : "another value";
  const find = value === undefined ? canaryMissing.restored : canaryDiffers;
  return expect("canary", { ok, expected: "the same", actual }, find({ check: options.name }));
}

/** Tells whether a value is the one that was planted. */
function expectation({ name, value, sha256: hash }: Options, { recorded }: CheckContext): (found: string) => boolean {
  if (value !== undefined) return (found) => found === value;
  if (hash !== undefined) return (found) => sha256(found) === hash;
  const known = recordedSchema.safeParse(recorded);
  if (known.success) return (found) => sha256(known.data.salt + found) === known.data.sha256;
  throw canaryNotRecorded.error({ check: name });
}

/** Nothing of an error is shown either: the server's messages quote values. */
async function readCanary({ name, sql, database }: Options, context: BaselineContext): Promise<string | undefined> {
  const { rows, columns, value } = await context.inDatabase(database, (session) => readOneValue(session, sql));
  if (rows < 2 && columns === 1) return value ?? undefined;
  throw canaryAmbiguous.error({ check: name });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
