import assert from "node:assert/strict";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { declarationOf, declareOptions, readSaid } from "../../lib/commands/declare_options.ts";
import { makeProgram } from "../../lib/commands/program.ts";
import { keysOfSchema } from "../../lib/config/json_schema.ts";
import { parseConfig } from "../../lib/config/read_config.ts";
import { type Declaration, isNegative, nameOfFlag, type ValueType, variableOf } from "../../lib/options/declaration.ts";
import { isRepeatable, parseValue } from "../../lib/options/parse_value.ts";
import { settle, settleTogether, valuesAt } from "../../lib/options/settle.ts";
import { declaredKeys } from "../../scripts/documents/declared_keys.ts";

const program = await makeProgram(() => Promise.resolve());

/** Every option of every command, as it is declared. */
const every = program.commands.flatMap((command) =>
  command.options.flatMap((option) => {
    const declaration = declarationOf(option);
    return declaration ? [{ command: command.name(), declaration }] : [];
  })
);

/** A value as people type it. */
const samples: Record<Exclude<ValueType, "choice">, string> = {
  text: "said",
  texts: "said",
  optional_text: "said",
  duration: "7m",
  size: "7GB",
  number: "7",
  switch: "true",
  http_url: "https://s3.example.com",
  tags: "a=b",
  required_values: "a:b=c",
  moment: "2026-01-02T03:04:05Z",
  shard: "1/4",
  sha256: "a".repeat(64),
};

/** Of texts that must have a form. */
const formed = ["/said", "age1qqqqqqqqqqqq", "7m", "7", "2026-01-02T03:04:05Z", "0/3000028", "gzip:6"];

/** Besides its default, one that is neither that nor the default. */
function sampleOf({ type, choices, form, default: usual }: Declaration): string {
  if (choices) return choices.findLast((choice) => choice !== usual)!;
  return form ? formed.find((text) => form.pattern.test(text))! : samples[type as "text"];
}

/** A text that is not a value; absent for types that take any text. */
const wrong: Partial<Record<ValueType, string>> = {
  duration: "soon",
  size: "much",
  number: "abc",
  switch: "perhaps",
  choice: "none",
  http_url: "s3.example.com",
  tags: "a",
  moment: "yesterday",
  shard: "4/4",
};

/** What one option comes to, in a command that has no other. */
function said(option: Declaration, args: string[], env: Record<string, string> = {}): unknown {
  const names = [...Object.keys(env), ...[variableOf(option) ?? []].flat()]; // the developer's own may be set
  const before = new Map(names.map((name) => [name, Deno.env.get(name)]));
  for (const name of names) Deno.env.delete(name);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    const group = { option: { ...option, conflicts: [], required: undefined } };
    const command: CommandUnknownOpts = declareOptions(new Command().exitOverride(), group)
      .configureOutput({ writeErr: () => {} });
    return readSaid(command.parse(args, { from: "user" }), group).option;
  } finally {
    for (const [name, value] of before) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  }
}

function onCommandLine(option: Declaration, text = sampleOf(option)): string[] {
  return option.type === "switch" ? [nameOfFlag(option)] : [`${nameOfFlag(option)}=${text}`];
}

Deno.test("options: every one of every command is declared", () => {
  assert.ok(every.length > 250, `${every.length}`);
  for (const command of program.commands) {
    const undeclared = command.options.filter((option) => !declarationOf(option)).map(({ flags }) => flags);
    assert.deepEqual(undeclared, [], command.name());
  }
});

Deno.test("options: every key is in the schema at its place, under the name that its declaration gives it", () => {
  assert.ok(declaredKeys.size > 35, `${declaredKeys.size}`);
  for (const [key] of declaredKeys) {
    const path = key.replace("*", "NAME").split(".");
    assert.ok(keysOfSchema(path.slice(0, -1)).includes(path.at(-1)!), `${key} is not in the schema`);
  }
});

Deno.test("options: a flag, a variable and a key give the same value", () => {
  for (const [key, option] of declaredKeys) {
    if (key.endsWith(".address")) continue; // a store may be a text, too
    const text = sampleOf(option);
    const value = option.type === "switch"
      ? !isNegative(option)
      : option.type === "number"
      ? Number(text)
      : isRepeatable(option)
      ? [text]
      : text;
    const nested = key.replace("*", "shop").split(".").reduceRight<unknown>(
      (inner, name) => ({ [name]: inner }),
      value,
    ) as Record<string, object>;
    const store = { ...nested.store, address: "s3://bucket/backups" };
    const { document, problems } = parseConfig(JSON.stringify({ ...nested, store }), {});
    assert.deepEqual(problems, [], key);
    const place = key.startsWith("databases") ? "databases.*." : "";
    const configured = valuesAt({ option }, place ? document!.databases.shop : document!, place).option;
    assert.notEqual(configured, undefined, key);
    assert.deepEqual(said(option, onCommandLine(option)), configured, key);
    const variable = variableOf(option);
    if (variable) assert.deepEqual(said(option, [], { [variable]: text }), configured, key);
  }
});

Deno.test("options: flag, environment, configuration and default win in this order, for every one of every command", () => {
  for (const { command, declaration: option } of every) {
    const group = { option: { ...option, required: undefined } };
    const variable = variableOf(option);
    const come = (args: string[], env: Record<string, string>, configured?: unknown) =>
      (settle(group, { option: said(option, args, env) } as never, { option: configured } as never) as {
        option?: unknown;
      }).option;
    const name = `${command} ${option.flag}`;
    const flagged = come(onCommandLine(option), {});
    assert.notEqual(flagged, undefined, name);
    assert.deepEqual(come(onCommandLine(option), {}, "configured"), flagged, `${name}: flag over configuration`);
    assert.equal(come([], {}, "configured"), "configured", `${name}: configuration over default`);
    const usual = option.type === "switch"
      ? isNegative(option)
      : option.default === undefined
      ? undefined
      : parseValue(option, [option.default]);
    assert.deepEqual(come([], {}), usual, `${name}: default`);
    if (variable === undefined) {
      const would = variableOf({ ...option, env: undefined })!;
      assert.deepEqual(come([], { [would]: sampleOf(option) }), usual, `${name} has no variable`);
      continue;
    }
    const [other, otherValue] = option.type === "switch" ? ["false", isNegative(option)] : [sampleOf(option), flagged];
    assert.deepEqual(come([], { [variable]: other }, "configured"), otherValue, `${name}: environment`);
    assert.deepEqual(come(onCommandLine(option), { [variable]: other }), flagged, `${name}: flag over environment`);
    assert.equal(come([], { [variable]: "" }, "configured"), "configured", `${name}: an empty variable says nothing`);
  }
});

Deno.test("options: a text that is not a value is refused, and the message names the flag or the variable", () => {
  for (const { declaration: option } of every) {
    const text = wrong[option.type];
    if (text === undefined) continue;
    if (option.type !== "switch") {
      assert.throws(
        () => said(option, onCommandLine(option, text)),
        (error: Error) => error.message.startsWith(`error: option '${option.flag}' argument '${text}' is invalid. `),
        option.flag,
      );
    }
    const variable = variableOf(option);
    if (variable === undefined) continue;
    assert.throws(
      () => said(option, [], { [variable]: text }),
      (error: Error) => error.message.startsWith(`error: ${variable}=${text}: `),
      variable,
    );
  }
});

Deno.test("options: a variable holds several values with commas in between; what a flag excludes, it does not say", () => {
  const { declaration: keys } = every.find(({ declaration }) => declaration.flag.startsWith("--trusted-key"))!;
  assert.deepEqual(said(keys, [], { PGREHEARSE_TRUSTED_KEY: "a.pub,b.pub" }), ["a.pub", "b.pub"]);
  const group = {
    all: { flag: "--all", type: "switch", help: "all", conflicts: ["one"] },
    one: { flag: "--one <name>", type: "text", help: "one" },
  } as const;
  Deno.env.set("PGREHEARSE_ONE", "shop");
  try {
    const command = () => declareOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }), group);
    const read = (...args: string[]) => readSaid(command().parse(args, { from: "user" }), group);
    assert.deepEqual(read(), { one: "shop" });
    assert.deepEqual(read("--all"), { all: true });
    assert.throws(() => read("--all", "--one", "shop"), /cannot be used with/);
  } finally {
    Deno.env.delete("PGREHEARSE_ONE");
  }
});

Deno.test("options: where some count together, one that was said silences what the configuration says of the others", () => {
  const group = {
    schemas: { flag: "--schema <pattern>", type: "texts", help: "some" },
    tables: { flag: "--table <pattern>", type: "texts", help: "some" },
  } as const;
  const configured = { tables: ["orders"] };
  assert.deepEqual(settleTogether(group, { schemas: ["a"] }, configured), { schemas: ["a"] });
  assert.deepEqual(settleTogether(group, {}, configured), configured);
});

Deno.test("options: no variable says who answers for a run, what it may touch or trust, or where a database is", () => {
  const spoken = new Set(every.flatMap(({ declaration }) => variableOf(declaration) ?? []));
  for (
    const word of ["yes", "confirm", "operator", "approved_by", "reason", "reviewed_by", "swap", "in_place", "undo"]
      .concat("promote", "trust_dump", "no_safety_backup", "terminate_connections", "db_url", "target_url", "into")
      .concat("source_url", "latest", "before", "table", "schema", "physical", "to_time", "restore_command")
  ) assert.ok(!spoken.has(`PGREHEARSE_${word.toUpperCase()}`), word);
});

Deno.test("options: a variable means the same in every command", () => {
  const named = Map.groupBy(every, ({ declaration }) => variableOf(declaration));
  for (const [variable, options] of named) {
    if (variable === undefined) continue;
    const meanings = new Set(options.map(({ declaration: { flag, type, choices } }) => `${flag} ${type} ${choices}`));
    assert.equal(meanings.size, 1, `${variable}: ${[...meanings].join("; ")}`);
  }
});
