import { z } from "zod";
import { sha256Text, writtenDuration } from "../../options/fields.ts";
import { redact } from "../../system/redact.ts";
import type { Finding, Note } from "../../verdict/verdict.ts";
import { type CheckContext, defineCheck, type OptionsOf, whichDatabase } from "../check.ts";
import { secretFound, secretInObject, secretsPartlyRead } from "./findings.ts";
import { scanDatabase } from "./scan_database.ts";
import { scanObjects } from "./scan_objects.ts";

const objectsShape = z.strictObject({
  bucket: z.string().describe("The name of a bucket in the configuration, s3://bucket/prefix, or a directory."),
  prefix: z.string().default("").describe("Only objects whose names begin with this."),
  sample: z.int().positive().optional().describe("Check at most this many objects, chosen at random each time."),
  first_mib: z.int().min(1).max(256).default(8).describe("How many MiB of each object to read."),
});

const shape = {
  timeout: writtenDuration.default(3_600_000).describe("Time limit; then the check counts as not run."),
  ...whichDatabase,
  exclude: z.array(z.string().min(1)).default([]).describe(
    "Tables and columns to leave out: table, schema.table, table:column or schema.table:column.",
  ),
  bytea: z.boolean().default(false).describe("Also check columns of bytea, byte by byte."),
  allow: z.array(sha256Text).default([]).describe(
    "Allowed secrets, such as test values, by the SHA-256 of their text. For a private key: from -----BEGIN " +
      "to -----END …-----, with lines ended by a line feed.",
  ),
  objects: z.array(objectsShape).default([]).describe("Objects to check too, directly in their buckets."),
};

type Options = OptionsOf<typeof shape>;

export const secretsCheck = defineCheck({
  kind: "secrets",
  summary: "Text columns and objects hold no private key, JWT, cloud key or API key of a known form.",
  shape,
  async run(options, context) {
    const database = await lookInDatabase(options, context);
    const objects = await lookInObjects(options, context);
    return {
      assertions: [...database.assertions, ...objects.assertions],
      findings: [...database.findings, ...objects.findings],
      notes: objects.notes,
    };
  },
});

async function lookInDatabase(options: Options, { signal, parametersOf }: CheckContext) {
  const { name, database, timeout: timeoutMs } = options;
  const { found, columnCount } = await scanDatabase(parametersOf(database), { ...options, timeoutMs, signal });
  const columns = new Set(found.map(({ table, column }) => `${table}.${column}`));
  const findings: Finding[] = found
    .toSorted((a, b) => `${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1)
    .map(({ table, column, what, count }) => secretFound({ check: name, column: `${table}.${column}`, what, count }));
  const expected = `0 of ${columnCount} columns`;
  const assertion = { name: "columns with secrets", ok: columns.size === 0, expected, actual: columns.size };
  return { assertions: [assertion], findings };
}

async function lookInObjects({ name, objects, allow }: Options, { signal, openBucket }: CheckContext) {
  const findings: Finding[] = [];
  const notes: Note[] = [];
  let lookedAt = 0;
  for (const wanted of objects) {
    const bucket = await openBucket(wanted.bucket);
    const result = await scanObjects(bucket, wanted, { allow, signal });
    lookedAt += result.lookedAt;
    for (const { address, what, count, names } of result.found) {
      findings.push(secretInObject({ check: name, address, what, count, names: redact(names.join("\n")) }));
    }
    if (result.cutCount > 0) {
      const { address } = bucket;
      notes.push(
        secretsPartlyRead({ check: name, address, count: result.cutCount, mebibytes: wanted.first_mib }),
      );
    }
  }
  const count = findings.reduce((sum, { actual }) => sum + Number(actual), 0);
  const expected = `0 of ${lookedAt} objects`;
  return {
    assertions: objects.length > 0 ? [{ name: "objects with secrets", ok: count === 0, expected, actual: count }] : [],
    findings,
    notes,
  };
}
