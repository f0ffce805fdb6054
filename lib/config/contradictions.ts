import type { Node } from "jsonc-parser";
import { isS3Address } from "../storage/open_store.ts";
import { nearestWord } from "../values/nearest_word.ts";
import { type ConfigProblem, pathText } from "./config_problem.ts";
import { impliedNames } from "./implied_checks.ts";
import { nearestNode } from "./schema_problems.ts";
import { checkKinds } from "../checks/kinds.ts";
import { stepActions } from "./step_schema.ts";

type Path = (string | number)[];

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

  lookAtChecks(config, say, mustBe, names);
  lookAtSteps(config, say, mustBe);
  for (const [path, program] of programsIn(config)) {
    for (const [variable, database] of Object.entries(asObject(asObject(program).database_env))) {
      mustBe("databases", "database", [...path, "database_env", variable], database);
    }
  }
  for (const [path, value] of storesIn(config)) {
    const { address, ...s3Only } = asObject(value);
    if (typeof address !== "string" || isS3Address(address)) continue;
    const meant = Object.keys(s3Only).find((key) => s3Keys.includes(key));
    if (meant) say([...path, meant], `${address} is a directory, and ${meant} is for s3:// addresses`);
  }
  const policy = asObject(config.policy);
  if (policy.require_evidence === true && config.evidence === undefined) {
    say(["policy", "require_evidence"], "nothing says where evidence goes", 'Say it with "evidence".');
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
  return problems;
}

const s3Keys = ["sse", "sse_kms_key_id", "storage_class", "tag"];

type Say = (path: Path, message: string, hint?: string) => void;
type MustBe = (
  of: "databases" | "buckets" | "app" | "checks",
  what: string,
  path: Path,
  value: unknown,
) => void;

function lookAtChecks(
  config: Record<string, unknown>,
  say: Say,
  mustBe: MustBe,
  names: { databases: string[]; buckets: string[]; app: string[] },
): void {
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
      say(path, `which database is meant is not said`, `It is one of ${names.databases.join(", ")}.`);
    }
    if (looksAtDatabase && names.databases.length === 0) say(path, "there is no database to look at");
    for (const [below, bucket] of bucketsIn(check)) {
      const isAddress = typeof bucket === "string" && /^s3:\/\/|[/\\]/i.test(bucket);
      if (!isAddress) mustBe("buckets", "bucket", [...path, ...below], bucket);
    }
  });
}

/** What steps name: by their key, where that is defined, what it is called, and whether every one must be named once. */
const namedBySteps = [
  { action: "databases", of: "databases", what: "database", undone: "restores" },
  { action: "start", of: "app", what: "application", undone: "starts" },
  { action: "objects", of: "buckets", what: "bucket", undone: undefined },
  { action: "checks", of: "checks", what: "check", undone: undefined },
] as const;

function lookAtSteps(config: Record<string, unknown>, say: Say, mustBe: MustBe): void {
  if (!Array.isArray(config.steps)) return;
  const steps = config.steps.map(asObject);
  steps.forEach((step, index) => {
    const actions = stepActions.filter((action) => step[action] !== undefined);
    if (actions.length === 1) return;
    const does = actions.length === 0 ? "nothing" : actions.join(" and ");
    say(
      ["steps", index],
      `a step does one thing, and this does ${does}`,
      `Give it one of ${stepActions.join(", ")}.`,
    );
  });
  for (const { action, of, what, undone } of namedBySteps) {
    const done = new Set<unknown>();
    steps.forEach((step, index) =>
      asArray(step[action]).forEach((name, place) => {
        const path = ["steps", index, action, place];
        mustBe(of, what, path, name);
        if (undone && done.has(name)) say(path, "an earlier step does that already");
        done.add(name);
      })
    );
    const left = undone ? Object.keys(asObject(config[of])).filter((name) => !done.has(name)) : [];
    for (const name of left) say(["steps"], `no step ${undone} the ${what} ${name}`);
  }
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

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
