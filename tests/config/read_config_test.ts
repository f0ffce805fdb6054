import assert from "node:assert/strict";
import { positionsIn } from "../../lib/config/config_problem.ts";
import { configJsonSchema } from "../../lib/config/json_schema.ts";
import { parseConfig, readConfig } from "../../lib/config/read_config.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";
import { redact } from "../../lib/system/redact.ts";

/** What is wrong with a text, as `line:column: message. hint`. */
function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  return parseConfig(text, env).problems.map(({ offset, message, hint }) => {
    const { line, column } = positionsIn(text)(offset);
    return `${line}:${column}: ${message}.${hint ? ` ${hint}` : ""}`;
  });
}

const check = (rest: string) => `{ "databases": { "shop": {} }, "checks": [\n    ${rest}\n] }`;

Deno.test("config: comments, trailing commas and defaults", () => {
  const { document, problems } = parseConfig(
    `{
      // the shop
      "databases": { "shop": { "url": "\${SHOP_URL}" } },
      "store": "s3://backups/shop",
      "checks": [{ "kind": "sql", "name": "orders", "sql": "SELECT 1", "expect": "= 1" }],
      "policy": { "rto": "4h" },
    }`,
    { SHOP_URL: "postgresql://shop" },
  );
  assert.deepEqual(problems, []);
  assert.equal(document!.databases.shop.url, "postgresql://shop");
  assert.deepEqual(document!.store, { address: "s3://backups/shop" });
  assert.equal(document!.policy.rto, 4 * 3_600_000);
  assert.equal(document!.checks[0].severity, "fail");
});

Deno.test("config: every mistake has its line, column and nearest word", async (t) => {
  const mistakes: Record<string, [text: string, expected: string]> = {
    "the kind of a check misspelt": [
      check(`{ "knid": "sql", "name": "a", "sql": "SELECT 1" }`),
      `2:7: unknown key "knid" in checks[0]. Did you mean "kind"?`,
    ],
    "an unknown key of a check": [
      check(`{ "kind": "sql", "name": "a", "sql": "SELECT 1", "expct": "= 1" }`),
      `2:54: unknown key "expct" in checks[0]. Did you mean "expect"?`,
    ],
    "an unknown kind": [
      check(`{ "kind": "sqll", "name": "a" }`),
      `2:15: "sqll" is not a kind of checks. Did you mean "sql"?`,
    ],
    "no comparison": [
      check(`{ "kind": "sql", "name": "a", "sql": "SELECT 1", "expect": "about 3" }`),
      `2:64: checks[0].expect: "about 3" is not a comparison such as "= 0", ">= 10" or "between 1 and 5".`,
    ],
    "a database that is not there": [
      check(`{ "kind": "sql", "name": "a", "sql": "SELECT 1", "database": "shpo" }`),
      `2:66: checks[0].database: there is no database "shpo". Did you mean "shop"?`,
    ],
    "an address that is none": [
      `{ "app": { "api": { "command": ["true"], "ready": "http://[" } } }`,
      "1:51: app.api.ready: is not a path such as /readyz, nor a URL.",
    ],
    "a name of two lines": [
      check(`{ "kind": "sql", "name": "a\\nb", "sql": "SELECT 1" }`),
      "2:30: checks[0].name: must be one line, without control characters.",
    ],
    "a name that is no text": [
      check(`{ "kind": "sql", "name": 5, "sql": "SELECT 1" }`),
      "2:30: checks[0].name: must be a string.",
    ],
    "a missing key": [check(`{ "kind": "sql", "name": "a" }`), `2:5: "sql" is missing in checks[0].`],
    "no duration": [
      `{ "policy": { "rto": "4 hours" } }`,
      `1:22: policy.rto: "4 hours" is not a duration such as 500ms, 60s, 15m, 4h or 30d.`,
    ],
    "none of a few words": [
      `{ "policy": { "require_proof": "exakt" } }`,
      `1:32: "exakt" is not a require_proof. Did you mean "exact"?`,
    ],
    "a number out of range": [`{ "jobs": 0 }`, "1:11: jobs: must be at least 1."],
    "another type": [`{ "app": [] }`, "1:10: app: must be an object."],
    "a store of another type": [`{ "store": 5 }`, "1:12: store: must be a string or an object."],
    "an unknown key of a store": [
      `{ "store": { "address": "s3://b/c", "regoin": "x" } }`,
      `1:37: unknown key "regoin" in store. Did you mean "region"?`,
    ],
    "an option that does not fit a directory": [
      `{ "store": { "address": "/var/backups", "sse": "AES256" } }`,
      "1:48: store.sse: /var/backups is a directory, but sse works only with s3:// addresses.",
    ],
    "a store of a kind that there is not": [
      `{ "store": "gs://bucket/x" }`,
      "1:12: store: gs://bucket/x is not the address of a store: use s3:// or a path. " +
      "Give a directory, or s3://bucket/prefix. For a directory with such a name, write ./ before it.",
    ],
    "a variable that is not set": [
      `{ "store": "\${NOWHERE}" }`,
      "1:12: the environment has no variable NOWHERE.",
    ],
    "a key that appears twice": [`{ "jobs": 1, "jobs": 2 }`, `1:14: the key "jobs" appears twice.`],
    "no JSON": [`{ "jobs": }`, "1:11: value expected."],
    "nothing but a comment": ["// x", "1:5: value expected."],
    "a database that no step restores": [
      `{ "databases": { "a": {}, "b": {} }, "steps": [{ "databases": ["a"] }] }`,
      "1:47: steps: no step restores the database b.",
    ],
    "a step that does two things": [
      `{ "databases": { "a": {} }, "buckets": { "b": { "address": "s3://bbb" } },
        "steps": [{ "databases": ["a"], "objects": ["b"] }] }`,
      "2:19: steps[0]: a step does exactly one thing, but this one does databases and objects. " +
      "Give it one of databases, objects, command, start, checks.",
    ],
  };
  for (const [name, [text, expected]] of Object.entries(mistakes)) {
    await t.step(name, () => assert.deepEqual(problemsOf(text), [expected]));
  }
});

Deno.test("config: all mistakes are said at once, in order, each a finding", async () => {
  const path = `${await Deno.makeTempDir()}/pgrehearse.jsonc`;
  await Deno.writeTextFile(path, `{\n "jobs": 0,\n "polcy": {},\n "store": "\${GONE}"\n}`);
  await assert.rejects(readConfig(path, {}), (error: AggregateError) => {
    const messages = error.errors.map((each: OperatorError) => [each.code, each.message]);
    assert.deepEqual(messages, [
      ["CONFIG_INVALID", "pgrehearse.jsonc:2:10: jobs: must be at least 1."],
      ["CONFIG_INVALID", 'pgrehearse.jsonc:3:2: unknown key "polcy". Did you mean "policy"?'],
      ["CONFIG_INVALID", "pgrehearse.jsonc:4:11: the environment has no variable GONE."],
    ]);
    return true;
  });
});

Deno.test("config: values from the environment are redacted, and $$ keeps a name as it is", () => {
  const { document } = parseConfig(`{ "store": "s3://\${BUCKET}/$\${HOME}" }`, { BUCKET: "very-private-bucket" });
  assert.equal(document!.store!.address, "s3://very-private-bucket/${HOME}");
  assert.equal(redact("in very-private-bucket now"), "in *** now");
});

Deno.test("config: the JSON Schema knows every key, and describes it", () => {
  const { properties } = configJsonSchema() as { properties: Record<string, unknown> };
  assert.ok("databases" in properties && "policy" in properties && "checks" in properties);
});

Deno.test("config: a key that would vanish is a mistake, wherever any key is allowed", () => {
  assert.deepEqual(problemsOf(`{ "databases": { "__proto__": { "url": "postgresql://shop" } } }`), [
    '1:18: nothing can be called "__proto__".',
  ]);
});

Deno.test("config: what is nested too deeply to walk through is a mistake, and no crash", () => {
  const [problem] = problemsOf(`{ "checks":\n${"[".repeat(50_000)}`);
  assert.equal(problem, "2:100: more than 100 nested brackets.");
});

Deno.test("config: a byte order mark is accepted; another encoding is a mistake, and is named", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonc" });
  await Deno.writeTextFile(path, '\ufeff{ "databases": { "shop": {} } }');
  assert.deepEqual(Object.keys((await readConfig(path, {})).databases), ["shop"]);
  await Deno.writeFile(path, Uint8Array.of(0x22, 0xe9, 0x22));
  await assert.rejects(readConfig(path, {}), { code: "CONFIG_UNREADABLE", message: /is not in UTF-8/ });
  await Deno.remove(path);
});

Deno.test("config: of a value of several lines each is redacted, as logs are read line by line", () => {
  problemsOf(`{ "app": { "api": { "command": ["true"], "env": { "KEY": "\${KEY}" } } } }`, {
    KEY: "first line of a key\nsecond line of it\n",
  });
  assert.equal(redact("api: second line of it."), "api: ***.");
});
