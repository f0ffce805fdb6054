import type { Node } from "jsonc-parser";
import { isS3Address, requireStoreAddress } from "../storage/open_store.ts";
import { OperatorError } from "../system/operator_error.ts";
import { nearestWord } from "../system/nearest_word.ts";
import { type ConfigProblem, pathText } from "./config_problem.ts";
import { impliedNames } from "./implied_checks.ts";
import { nearestNode } from "./schema_problems.ts";
import { checkKinds } from "../checks/kinds.ts";
import { stepActions } from "./step_schema.ts";

/**
 * Finds what no schema sees: names that nothing bears, and combinations that cannot be.
 *
 * Looks at the document as it was read, whatever else is wrong with it, so that everything is said at once.
 */
export function findContradictions(document: unknown, root: Node): ConfigProblem[] {
  const config = asObject(document);
  const problems: ConfigProblem[] = [];
  const say = (path: Path, message: string, hint?: string) =>
    void problems.push({ offset: nearestNode(root, path).offset, message: `${pathText(path)}: ${message}`, hint });
  const names = {
    databases: Object.keys(asObject(config.databases)),
    buckets: Object.keys(asObject(config.buckets)),
    app: Object.keys(asObject(config.app)),
    checks: [
      ...asArray(config.checks).map((check) => asObject(check).name).filter((name) => typeof name === "string"),
      ...impliedNames(config),
    ],
  };
  const mustBe = (of: keyof typeof names, what: string, path: Path, value: unknown) => {
    if (typeof value !== "string" || names[of].includes(value)) return;
    const nearest = nearestWord(value, names[of]);
    say(path, `there is no ${what} ${JSON.stringify(value)}`, nearest && `Did you mean ${JSON.stringify(nearest)}?`);
  };

  const lookup: Lookup = { config, names, say, mustBe };
  lookAtChecks(lookup);
  lookAtSteps(lookup);
  lookAtPrograms(lookup);
  lookAtStores(lookup);
  lookAtPolicy(lookup);
  return problems;
}

/** Databases that programs want to know of. */
function lookAtPrograms({ config, mustBe }: Lookup): void {
  for (const [path, program] of programsIn(config)) {
    for (const [variable, database] of Object.entries(asObject(asObject(program).database_env))) {
      mustBe("databases", "database", [...path, "database_env", variable], database);
    }
  }
}

/** Addresses that are none, and options that a directory does not have. */
function lookAtStores({ config, say }: Lookup): void {
  for (const [path, value] of storesIn(config)) {
    const { address, ...s3Only } = typeof value === "string" ? { address: value } : asObject(value);
    if (typeof address !== "string" || isS3Address(address)) continue;
    const problem = addressProblem(address);
    if (problem) {
      say(
        [...path, ...(typeof value === "string" ? [] : ["address"])],
        problem.message.replace(/\.$/, ""),
        problem.fix,
      );
    }
    const meant = Object.keys(s3Only).find((key) => s3Keys.includes(key));
    if (meant) say([...path, meant], `${address} is a directory, but ${meant} works only with s3:// addresses`);
  }
}

function addressProblem(address: string): OperatorError | undefined {
  try {
    return void requireStoreAddress(address);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
}

const s3Keys = ["sse", "sse_kms_key_id", "storage_class", "tag"];

/** Policies that the same document makes impossible. */
function lookAtPolicy({ config, say }: Lookup): void {
  const policy = asObject(config.policy);
  if (policy.require_evidence === true && config.evidence === undefined) {
    say(["policy", "require_evidence"], "there is no place for evidence", 'Set "evidence".');
  }
  if (policy.require_signature === true && config.trusted_keys === undefined) {
    say(["policy", "require_signature"], "there are no trusted keys", 'Add public keys to "trusted_keys".');
  }
  if (policy.require_checksum === true && asObject(config.drill).checksum === false) {
    say(["drill", "checksum"], "the policy requires checksums");
  }
  if (policy.require_encryption === true && config.backup !== undefined && !("encrypt" in asObject(config.backup))) {
    say(
      ["policy", "require_encryption"],
      "backups are not encrypted",
      'Name recipients in "backup": { "encrypt": [] }.',
    );
  }
}

/** Every program that is told where restored databases are. */
function programsIn(config: Record<string, unknown>): [Path, unknown][] {
  return [
    ...Object.entries(asObject(config.app)).map(([name, app]): [Path, unknown] => [["app", name], app]),
    ...asArray(config.steps).map((step, index): [Path, unknown] => [
      ["steps", index, "command"],
      asObject(step).command,
    ]),
  ];
}

/** Every place where a store may be described. */
function storesIn(config: Record<string, unknown>): [Path, unknown][] {
  const buckets = Object.entries(asObject(config.buckets));
  return [
    [["store"], config.store],
    [["evidence", "to"], asObject(config.evidence).to],
    ...buckets.map(([name, bucket]): [Path, unknown] => [["buckets", name], bucket]),
    ...buckets.map(([name, bucket]): [Path, unknown] => [["buckets", name, "copy_to"], asObject(bucket).copy_to]),
  ];
}

/** Checks of one name, and checks that name what is not there. */
function lookAtChecks({ config, names, say, mustBe }: Lookup): void {
  const seen = new Set<unknown>();
  asArray(config.checks).forEach((value, index) => {
    const check = asObject(value);
    const path = ["checks", index];
    if (seen.has(check.name)) say([...path, "name"], `two checks are called ${JSON.stringify(check.name)}`);
    if (typeof check.name === "string") seen.add(check.name);
    mustBe("databases", "database", [...path, "database"], check.database);
    mustBe("app", "application", [...path, "app"], check.app);
    const looksAtDatabase = keysOfCheck(check.kind).includes("database");
    if (looksAtDatabase && check.database === undefined && names.databases.length > 1) {
      say(path, `the check does not say which database`, `It is one of ${names.databases.join(", ")}.`);
    }
    for (const [below, bucket] of bucketsIn(check)) {
      const isAddress = typeof bucket === "string" && /^s3:\/\/|[/\\]/i.test(bucket);
      if (!isAddress) mustBe("buckets", "bucket", [...path, ...below], bucket);
    }
  });
}

function keysOfCheck(kind: unknown): string[] {
  return Object.keys(checkKinds.find((known) => known.kind === kind)?.schema.shape ?? {});
}

/** Every place where a check names a bucket. */
function bucketsIn(check: Record<string, unknown>): [Path, unknown][] {
  const objects = asArray(check.objects).map((each, index): [Path, unknown] => [
    ["objects", index, "bucket"],
    asObject(each).bucket,
  ]);
  return [[["bucket"], check.bucket], ...objects];
}

/** What steps name: by their key, where that is defined, what it is called, and whether every one must be named once. */
const namedBySteps = [
  { action: "databases", of: "databases", what: "database", undone: "restores" },
  { action: "start", of: "app", what: "application", undone: "starts" },
  { action: "objects", of: "buckets", what: "bucket", undone: undefined },
  { action: "checks", of: "checks", what: "check", undone: undefined },
] as const;

/** Steps that do not do one thing, or do it twice; and what no step brings back. */
function lookAtSteps({ config, say, mustBe }: Lookup): void {
  if (!Array.isArray(config.steps)) return;
  const steps = config.steps.map(asObject);
  steps.forEach((step, index) => {
    const actions = stepActions.filter((action) => step[action] !== undefined);
    if (actions.length === 1) return;
    const does = actions.length === 0 ? "nothing" : actions.join(" and ");
    say(
      ["steps", index],
      `a step does exactly one thing, but this one does ${does}`,
      `Give it one of ${stepActions.join(", ")}.`,
    );
  });
  for (const { action, of, what, undone } of namedBySteps) {
    const done = new Set<unknown>();
    steps.forEach((step, index) =>
      asArray(step[action]).forEach((name, place) => {
        const path = ["steps", index, action, place];
        mustBe(of, what, path, name);
        if (undone && done.has(name)) say(path, "an earlier step already does that");
        done.add(name);
      })
    );
    const left = undone ? Object.keys(asObject(config[of])).filter((name) => !done.has(name)) : [];
    for (const name of left) say(["steps"], `no step ${undone} the ${what} ${name}`);
  }
}

// A document as it was read: anything may be anywhere in it.

type Path = (string | number)[];

/** What looks for contradictions gets. */
interface Lookup {
  config: Record<string, unknown>;
  /** What the document defines. */
  names: Record<"databases" | "buckets" | "app" | "checks", string[]>;
  /** Says that something is wrong. */
  say(path: Path, message: string, hint?: string): void;
  /** Says it of a text that is none of the names. */
  mustBe(of: keyof Lookup["names"], what: string, path: Path, value: unknown): void;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
