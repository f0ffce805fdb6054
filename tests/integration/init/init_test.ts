import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse as parseJsonc, type ParseError } from "jsonc-parser";
import { parseConfig } from "../../../lib/config/read_config.ts";
import { findProgram } from "../../support/find_program.ts";
import { installProgram } from "../../support/installed_program.ts";
import { type Outcome, pgrehearse } from "../../support/pgrehearse.ts";
import { needing } from "../../support/needing.ts";
import { withDirectory } from "../../support/directory.ts";

const init = (directory: string, args: string[]) => pgrehearse(["init", "--output-dir", directory, ...args]);

async function textOf(directory: string): Promise<string> {
  return await Deno.readTextFile(join(directory, "pgrehearse.jsonc"));
}

/** The configuration as its readers see it. */
async function readWritten(directory: string, env: Record<string, string> = {}) {
  const { document, problems } = parseConfig(await textOf(directory), env);
  assert.deepEqual(problems, []);
  return document!;
}

/** Every file below, by its path from there. */
async function filesBelow(directory: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(directory, prefix))) {
    found.push(...isDirectory ? await filesBelow(directory, join(prefix, name)) : [join(prefix, name)]);
  }
  return found.sort();
}

const everything = ["--systemd", "--cron", "--github", "--kubernetes"];

Deno.test("init: asks nothing without a terminal, says what it wrote, and it is a configuration with its schema", () =>
  withDirectory(async (path) => {
    const { status, verdict, stderr } = await init(path, []);
    assert.equal(status, 0, stderr);
    assert.deepEqual(verdict.written, [join(path, "pgrehearse.jsonc"), join(path, "pgrehearse.schema.json")]);
    assert.deepEqual(await filesBelow(path), ["pgrehearse.jsonc", "pgrehearse.schema.json"]);
    for (const written of verdict.written!) assert.ok(stderr.includes(`wrote ${written}`));
    assert.equal((await Deno.stat(verdict.written![0])).mode! & 0o777, 0o640);

    const { databases, store, policy } = await readWritten(path);
    assert.deepEqual(databases, { main: {} });
    assert.deepEqual(store, { address: "/var/lib/pgrehearse/backups" });
    assert.deepEqual(policy, { rto: 3_600_000, rpo: 26 * 3_600_000, require_proof: "exact" });

    const document = parseJsonc(await textOf(path));
    assert.equal(document.$schema, "./pgrehearse.schema.json");
    const schema = JSON.parse(await Deno.readTextFile(verdict.written![1]));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    assert.equal(validate(document), true, JSON.stringify(validate.errors));
    assert.equal(validate({ ...document, stroe: "/x" }), false);
    assert.equal(validate({ ...document, policy: { rto: 5 } }), false);
  }));

Deno.test("init: options decide what is in the configuration, and the examples in its comments are right", () =>
  withDirectory(async (path) => {
    const recipient = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq";
    const { status } = await init(path, [
      ...[
        "--database",
        "shop",
        "--database",
        'läden & "co"',
        "--db-url",
        "postgresql://ann@db1:5433/x?sslmode=require",
      ],
      ...["--store", "s3://backups/pg", "--rto", "30m", "--rpo", "2h", "--encrypt", recipient],
    ]);
    assert.equal(status, 0);
    const { databases, store, policy, backup } = await readWritten(path);
    assert.deepEqual(databases, {
      shop: { url: "postgresql://ann@db1:5433/shop?sslmode=require" },
      "l-den-co-": { url: "postgresql://ann@db1:5433/l%C3%A4den%20%26%20%22co%22?sslmode=require" },
    });
    assert.deepEqual([store!.address, policy.rto, policy.rpo], ["s3://backups/pg", 1_800_000, 7_200_000]);
    assert.deepEqual(backup.encrypt, [recipient]);

    // What follows // and looks like JSON.
    const examples = (await textOf(path)).replaceAll(/^( *)\/\/ (?=( {2})*[\]}{"])(?!\{ "address")/gm, "$1");
    const errors: ParseError[] = [];
    const { checks, notify, identity } = parseJsonc(examples, errors);
    assert.deepEqual([errors, checks.length, typeof notify, typeof identity], [[], 2, "object", "string"]);
    const { problems } = parseConfig(examples, { WEBHOOK_URL: "https://example.com/hook" });
    assert.deepEqual(problems.map(({ message }) => message), []);
  }));

Deno.test("init: a password is in no file and in no verdict; the URL comes from the environment", async (test) => {
  const password = "hunter2-and-7319";
  const urls: [url: string, more: string[], variables: Record<string, string>][] = [
    [`postgresql://ann:${password}@db1/shop`, [], { shop: "DATABASE_URL" }],
    [`host=db1 user=ann password='${password}'`, [], { main: "DATABASE_URL" }],
    [`postgresql://db1/shop?user=ann&password=${password}`, ["--database", "shop"], { shop: "DATABASE_URL" }],
    [`postgresql://ann:${password}@db1`, ["--database", "shop", "--database", "9-eu"], {
      shop: "SHOP_URL",
      "9-eu": "_9_EU_URL",
    }],
  ];
  for (const [url, more, variables] of urls) {
    await test.step(url.replace(password, "…"), () =>
      withDirectory(async (path) => {
        const { status, verdict, stdout, stderr } = await init(path, ["--db-url", url, ...more, ...everything]);
        assert.equal(status, 0, stderr);
        for (const file of await filesBelow(path)) {
          assert.equal((await Deno.readTextFile(join(path, file))).includes(password), false, file);
        }
        assert.equal((stdout + stderr).includes(password), false);
        const { code, message } = verdict.notes![0];
        assert.equal(code, "PASSWORD_NOT_WRITTEN");
        for (const variable of Object.values(variables)) assert.ok(message.includes(variable), message);
        const env = Object.fromEntries(Object.values(variables).map((name) => [name, `postgresql:///${name}`]));
        const { databases } = await readWritten(path, env);
        const expected = Object.entries(variables).map(([name, variable]) => [name, { url: env[variable] }]);
        assert.deepEqual(databases, Object.fromEntries(expected));
      }));
  }
});

Deno.test("init: over an existing file, or a link, it writes nothing at all", () =>
  withDirectory(async (path) => {
    await Deno.mkdir(join(path, "cron.d"));
    await Deno.writeTextFile(join(path, "cron.d/pgrehearse"), "mine\n");
    const before = await filesBelow(path);
    const refuse = async (args: string[], named: string): Promise<Outcome> => {
      const outcome = await init(path, args);
      const { status, verdict } = outcome;
      assert.deepEqual([status, verdict.findings[0].code, verdict.written], [2, "OUTPUT_EXISTS", undefined]);
      assert.ok(verdict.findings[0].message.includes(join(path, named)), verdict.findings[0].message);
      return outcome;
    };
    await refuse(everything, "cron.d/pgrehearse");
    assert.deepEqual(await filesBelow(path), before);
    assert.equal(await Deno.readTextFile(join(path, "cron.d/pgrehearse")), "mine\n");
    assert.equal((await init(path, ["--systemd"])).status, 0);
    const second = await refuse(everything, "pgrehearse.jsonc");
    assert.match(second.verdict.findings[0].detail!, /systemd\/pgrehearse-drill\.timer\n.*cron\.d\/pgrehearse$/s);

    await Deno.remove(join(path, "pgrehearse.jsonc"));
    await Deno.remove(join(path, "pgrehearse.schema.json"));
    await Deno.symlink(join(path, "elsewhere"), join(path, "pgrehearse.jsonc"));
    await refuse([], "pgrehearse.jsonc");
  }));

Deno.test("init: where one file cannot be written, those before it are gone again", () =>
  withDirectory(async (path) => {
    await Deno.writeTextFile(join(path, "kubernetes"), "a file where a directory should be");
    const { status, verdict } = await init(path, everything);
    assert.deepEqual([status, verdict.findings[0].code], [2, "CANNOT_MAKE_DIRECTORY"]);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(path), ({ name }) => name), ["kubernetes"]);
  }));

Deno.test("init: what cannot be is exit 2, and nothing is written", async (test) => {
  const mistakes: [args: string[], code: string][] = [
    [["--rto", "soon"], "USAGE"],
    [["--encrypt", "AGE-SECRET-KEY-1"], "USAGE"],
    [["--program", "bin/pgrehearse"], "USAGE"],
    [["--image", 'x" evil: "'], "USAGE"],
    [["--shards", "2"], "USAGE"],
    [["--kubernetes", "--shards", "2"], "TOO_MANY_SHARDS"],
    [["--db-url", "mysql://db1"], "BAD_DB_URL"],
    [["--database", "a b", "--database", "a&b"], "DATABASES_ALIKE"],
  ];
  for (const [args, code] of mistakes) {
    await test.step(args.join(" "), () =>
      withDirectory(async (path) => {
        const { status, verdict } = await init(path, args);
        assert.deepEqual([status, verdict.findings[0].code], [2, code]);
        assert.deepEqual(await filesBelow(path), []);
      }));
  }
});

const script = await findProgram("script");

function onTerminal(command: string): Deno.ChildProcess {
  return new Deno.Command(script!, { args: ["-qec", command, "/dev/null"], stdin: "piped", stdout: "piped" }).spawn();
}

/** Answers what a program asks; returns all that the terminal showed. */
async function converse(child: Deno.ChildProcess, dialogue: string[][]): Promise<string> {
  const writer = child.stdin.getWriter();
  let said = "";
  let answeredUpTo = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    for (const [question, answer] of dialogue) {
      const at = said.indexOf(question, answeredUpTo);
      if (at < 0) break;
      answeredUpTo = at + question.length;
      dialogue = dialogue.slice(1);
      await writer.write(new TextEncoder().encode(answer === "^C" ? "\x03" : `${answer}\n`));
    }
  }
  await writer.close().catch(() => {});
  assert.deepEqual(dialogue, []);
  return said;
}

Deno.test({
  ...needing(
    { script, Linux: Deno.build.os === "linux" },
    "init: on a terminal it asks what no option says, again where an answer is none, and stdout is the verdict alone",
  ),
  fn: () =>
    withDirectory(async (path) => {
      const program = await installProgram(path);
      const output = join(path, "out");
      const child = onTerminal(`${program} init --rpo 2h --output-dir ${output} >${path}/verdict.json`);
      const dialogue = [
        ["Which database?", "shop"],
        ["Where do backups go?", ""],
        ["Which recipients", "nobody"],
        ["It must be a recipient", ""],
        ["How soon must", "soon"],
        ["It must be a duration", "20m"],
        ["What will run it?", "systemd, cron"],
      ];
      const said = await converse(child, dialogue);
      const { code } = await child.status;
      assert.equal(code, 0, said);
      const verdict = JSON.parse(await Deno.readTextFile(join(path, "verdict.json")));
      assert.equal(verdict.verdict, "pass");
      const { databases, store, policy, backup } = await readWritten(output);
      assert.deepEqual(databases, { shop: { url: "postgresql:///shop" } });
      assert.deepEqual([store!.address, policy.rto, policy.rpo], ["/var/lib/pgrehearse/backups", 1_200_000, 7_200_000]);
      assert.equal(backup.encrypt, undefined);
      assert.match(said, /Where do backups go\? .*\[\/var\/lib\/pgrehearse\/backups\]/);
      assert.match(said, /It must be a recipient/);
      assert.match(said, /It must be a duration/);
      assert.doesNotMatch(said, /How much data may be lost/);
      assert.deepEqual([...new Set((await filesBelow(output)).map((file) => file.split("/")[0]))], [
        "cron.d",
        "pgrehearse.jsonc",
        "pgrehearse.schema.json",
        "systemd",
      ]);
    }),
});

Deno.test({
  ...needing(
    { script, Linux: Deno.build.os === "linux" },
    "init: Ctrl+C at a question ends it with 130, and nothing is written",
  ),
  fn: () =>
    withDirectory(async (path) => {
      const program = await installProgram(path);
      const child = onTerminal(`${program} init --output-dir ${path}/out >${path}/verdict.json`);
      await converse(child, [["Which database?", "shop"], ["Where do backups go?", "^C"]]);
      assert.equal((await child.status).code, 130);
      const { verdict, findings } = JSON.parse(await Deno.readTextFile(join(path, "verdict.json")));
      assert.deepEqual([verdict, findings[0].code], ["unknown", "INTERRUPTED"]);
      assert.deepEqual(await filesBelow(path), ["pgrehearse", "verdict.json"]);
    }),
});
