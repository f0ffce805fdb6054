import { checkKinds } from "../../checks/kinds.ts";
import { asArray, asObject, type Lookup, type Path } from "./document.ts";

/** Checks of one name, and checks that name what is not there. */
export function lookAtChecks({ config, names, say, mustBe }: Lookup): void {
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
