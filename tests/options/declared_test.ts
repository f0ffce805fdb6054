import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { chooseConfig } from "../../lib/commands/config_options.ts";
import { declaredOption } from "../../lib/commands/declared_option.ts";
import { keysOfSchema } from "../../lib/config/json_schema.ts";
import { parseConfig } from "../../lib/config/read_config.ts";
import { type ConfiguredOptions, preferGiven } from "../../lib/jobs/configured.ts";
import { attributeOf, type Declaration, type ValueType } from "../../lib/options/declaration.ts";
import { declared } from "../../lib/options/declared.ts";

const every = Object.entries(declared).flatMap(([place, group]) =>
  Object.entries(group).map(([key, option]) => ({ place, key, option, path: place === "" ? [] : place.split(".") }))
);

Deno.test("options: every declared one is a key at its place in the configuration", () => {
  for (const { path, key } of every) {
    assert.ok(keysOfSchema(path).includes(key), `${[...path, key].join(".")} is not in the schema`);
  }
});

/** A value as it is written on the command line, and as it is in a configuration. */
const samples: Record<ValueType, [string, unknown]> = {
  text: ["said", "said"],
  texts: ["said", ["said"]],
  duration: ["7m", "7m"],
  number: ["7", 7],
  switch: ["", true],
  choice: ["", ""],
  http_url: ["https://s3.example.com", "https://s3.example.com"],
  tags: ["a=b", ["a=b"]],
  required_values: ["a:b=c", ["a:b=c"]],
};

function sampleOf({ type, choices }: Declaration): [string, unknown] {
  return choices ? [choices.at(-1)!, choices.at(-1)] : samples[type];
}

Deno.test("options: a flag and a key give jobs the same value", () => {
  for (const { path, key, option } of every) {
    const [text, value] = sampleOf(option);
    const nested = [...path, key].reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    const store = { store: { address: "s3://bucket/backups", ...(path[0] === "store" && { [key]: value }) } };
    const { document, problems } = parseConfig(JSON.stringify({ ...nested as object, ...store }), {});
    assert.deepEqual(problems, [], key);
    const read = [...path, key].reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document);
    const flagged = parse(option, option.type === "switch" ? [] : [text], {}).opts()[attributeOf(option)];
    // A flag --no-x says the opposite of its key.
    assert.deepEqual(flagged, option.flag.startsWith("--no-") ? false : read, key);
  }
});

Deno.test("options: flag, environment, configuration and default win in this order, for every declared one", async () => {
  for (const { key, option } of every) {
    const name = option.job ?? attributeOf(option);
    const [text] = sampleOf(option);
    const values = option.type === "switch" ? [] : [text];
    const chosen = async (command: ReturnType<typeof parse>, configured: unknown) => {
      const { given } = await chooseConfig(command, "pgrehearse.jsonc", { isSaid: true });
      const options: ConfiguredOptions & Record<string, unknown> = {
        env: {},
        given,
        [name]: command.opts()[attributeOf(option)],
      };
      return preferGiven(options, { [name]: configured } as Partial<typeof options>)[name];
    };
    const flagged = parse(option, values, option.env ? { [option.env]: "environment" } : {});
    assert.deepEqual(await chosen(flagged, "configured"), flagged.opts()[attributeOf(option)], `${key}: flag`);
    assert.notDeepEqual(await chosen(flagged, "configured"), "environment", `${key}: flag`);
    if (option.env) {
      assert.equal(
        await chosen(parse(option, undefined, { [option.env]: "environment" }), "configured"),
        "environment",
      );
      assert.equal(await chosen(parse(option, undefined, { [option.env]: "" }), "configured"), "configured");
    }
    const unsaid = parse(option, undefined, {});
    assert.equal(await chosen(unsaid, "configured"), "configured", `${key}: configuration`);
    const usual = option.flag.startsWith("--no-") ? true : option.default;
    assert.deepEqual(await chosen(unsaid, undefined), usual, `${key}: default`);
  }
});

/** A command that has the one option, given its values, or not given. */
function parse(option: Declaration, values: string[] | undefined, env: Record<string, string>) {
  const before = option.env === undefined ? undefined : Deno.env.get(option.env);
  if (option.env !== undefined) Deno.env.delete(option.env);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    const command = new Command<[], Record<string, unknown>>().exitOverride().addOption(declaredOption(option));
    const flag = /^--[a-z-]+/.exec(option.flag)![0];
    return command.parse(values === undefined ? [] : [flag, ...values], { from: "user" });
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
    if (option.env !== undefined && before !== undefined) Deno.env.set(option.env, before);
  }
}
