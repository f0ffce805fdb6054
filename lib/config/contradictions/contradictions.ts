import type { Node } from "jsonc-parser";
import { isS3Address, requireStoreAddress } from "../../storage/open_store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { nearestWord } from "../../system/nearest_word.ts";
import { type ConfigProblem, pathText } from "../config_problem.ts";
import { impliedNames } from "../implied_checks.ts";
import { nearestNode } from "../schema_problems.ts";
import { lookAtChecks } from "./checks.ts";
import { asArray, asObject, type Lookup, type Path } from "./document.ts";
import { lookAtSteps } from "./steps.ts";

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
    say(["policy", "require_evidence"], "nothing says where evidence goes", 'Say it with "evidence".');
  }
  if (policy.require_signature === true && config.trusted_keys === undefined) {
    say(["policy", "require_signature"], "no key is trusted", 'Name public keys in "trusted_keys".');
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
