import assert from "node:assert/strict";
import { compareDefinitions } from "../../../lib/manifest/compare/compare_definitions.ts";
import { captureDefinitions, type Definition } from "../../../lib/manifest/definitions/definitions.ts";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { definitionRound, inTransaction, restoredCopy } from "../../support/definition_rounds.ts";
import { startTestServer } from "../../support/server.ts";
import schema from "../../support/printed_otherwise.sql" with { type: "text" };

/** Where a text is changed, each to be found. */
const changes: [object: string, from: string, to: string][] = [
  ["table public.t", "DEFAULT (- 1)", "DEFAULT (- 2)"],
  ["table public.t", "abs((- 5))", "abs((- 6))"],
  ["table public.t", "WHEN 2 THEN", "WHEN 3 THEN"],
  ["table public.t", "END NOT NULL", "END"],
  ["constraint t_id_check on public.t", "(- 1)", "(- 2)"],
  [`constraint "odd on name" on public.user`, ">", ">="],
  ["constraint apart on public.t", "(- 1)", "(- 2)"],
  ["constraint apart on public.t", "(- 7)", "(- 8)"],
  ["index public.positive", "(- 2)", "(- 3)"],
  ["index public.positive", "DESC", "ASC"],
  ["index public.positive", "lower", "upper"],
  ["index public.positive", "> (- 1)", "> (- 2)"],
  ["view public.constants", "EXISTS", "NOT EXISTS"],
  ["materialized_view public.stored", "'x'", "'y'"],
  ["policy mine on public.t", "(- 1)", "(- 2)"],
  ["policy mine on public.t", "o.id = t.id", "o.id = o.id"],
  ["statistics public.counted", "(- 1)", "(- 2)"],
  ["table public.part", "(- 1)", "(- 2)"],
  ["table public.part_1", "FROM ('-1')", "FROM ('-2')"],
  ["domain public.positive_int", "DEFAULT (- 1)", "DEFAULT (- 2)"],
  ["domain public.positive_int", "> (- 2)", "> (- 3)"],
  ["function public.plain(integer)", "(- 1)", "(- 2)"],
  ["function public.plain(integer)", "RETURN 1", "RETURN 2"],
  ["function public.body(integer)", "UNION ALL", "UNION"],
  ["function public.one(integer)", "(- 1)", "(- 2)"],
  ["procedure public.change(integer)", "id = (- 1)", "id = (- 2)"],
  ["trigger touch on public.t", "> (- 1)", "> (- 2)"],
  ["rule instead on public.constants", "DELETE FROM public.t", "DELETE FROM public.part"],
  ["publication sent", "> (- 3)", "> (- 4)"],
];

function compare(sql: Sql, expected: Definition[], found: Definition[]) {
  type Both = Parameters<typeof compareDefinitions>;
  const both = [
    { definitions: expected, postgres: { server: "15.18", server_version_num: 150018 } } as Both[0],
    { definitions: found } as Both[1],
  ] as const;
  return inTransaction(sql, () => compareDefinitions(...both, { inScratchTransaction: (work) => work(sql) }));
}

const nameOf = ({ kind, identity }: Definition) => `${kind} ${identity}`;

Deno.test("definitions that Postgres prints otherwise after a restore", async (t) => {
  await using server = await startTestServer();
  const database = await server.makeDatabase();
  const sql = await server.connect(database);
  await sql.unsafe(schema);
  const source = await inTransaction(sql, () => captureDefinitions(sql));
  await sql.end();
  const copyName = await restoredCopy(server, database);
  const copy = await server.connect(copyName);
  const found = await inTransaction(copy, () => captureDefinitions(copy));

  await t.step("are the same, of every kind", async () => {
    const texts = new Map(found.map((one) => [nameOf(one), one.definition]));
    const otherwise = source.filter((one) => texts.get(nameOf(one)) !== one.definition);
    assert.deepEqual([...new Set(otherwise.map(({ kind }) => kind))], [
      ...["constraint", "domain", "function", "index", "materialized_view", "policy", "procedure", "publication"],
      ...["rule", "statistics", "table", "trigger", "view"],
    ]);
    assert.deepEqual(await compare(copy, source, found), { findings: [], notes: [] });
  });

  for (const [object, from, to] of changes) {
    await t.step(`are different if they were: ${object}: ${from} → ${to}`, async () => {
      const changed = source.filter((one) => nameOf(one) === object)
        .map((one) => ({ ...one, definition: one.definition.replace(from, to) }));
      assert.notEqual(changed[0]?.definition, source.find((one) => nameOf(one) === object)?.definition);
      const { findings } = await compare(copy, changed, found.filter((one) => nameOf(one) === object));
      assert.deepEqual(findings.map(({ code }) => code), ["DEFINITION_DIFFERS"]);
    });
  }

  await t.step("are told without running anything of the user's, or of the manifest's", async () => {
    await copy.unsafe(`
      CREATE TABLE public.ran (what text);
      CREATE FUNCTION public.run(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE ''ran''; END';
      CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''ran''; END';
      CREATE EVENT TRIGGER watch ON ddl_command_start EXECUTE FUNCTION public.on_ddl()`);
    const edited = async (object: string, from: string | RegExp, to: string) => {
      const of = (list: Definition[]) => list.filter((one) => nameOf(one) === object);
      const [expected] = of(source);
      const { findings, notes } = await compare(
        copy,
        [{ ...expected, definition: expected.definition.replace(from, to) }],
        of(found),
      );
      assert.deepEqual(notes, []);
      return findings.map(({ code }) => code);
    };
    assert.deepEqual(await edited("table public.t", "", ""), []);
    assert.deepEqual(await edited("table public.t", "DEFAULT (- 1)", "DEFAULT public.run(1)"), ["DEFINITION_DIFFERS"]);
    assert.deepEqual(await edited("view public.constants", /$/, " COMMIT; DROP TABLE public.ran"), [
      "DEFINITION_DIFFERS",
    ]);
    assert.deepEqual([...await copy`SELECT * FROM public.ran`], []);
  });

  await t.step("are findings where the server cannot be asked, with a note that says why", async () => {
    await copy.unsafe("ALTER EVENT TRIGGER watch ENABLE ALWAYS");
    const always = await compare(copy, source, found);
    await copy.unsafe(`
      DROP EVENT TRIGGER watch;
      CREATE ROLE reader LOGIN;
      REVOKE TEMPORARY ON DATABASE ${copyName} FROM PUBLIC;
      SET SESSION AUTHORIZATION reader`);
    const reader = await compare(copy, source, found);
    await copy.unsafe("RESET SESSION AUTHORIZATION");
    const major = parseInt(String(copy.parameters.server_version));
    for (const { findings, notes } of [...major < 17 ? [always] : [], reader]) {
      assert.deepEqual([...new Set(findings.map(({ code }) => code))], ["DEFINITION_DIFFERS"]);
      assert.deepEqual(notes?.map(({ code }) => code), ["DEFINITIONS_NOT_JUDGED"]);
    }
    assert.match(reader.notes?.[0].message ?? "", /permission denied to create temporary tables/);
  });
  await copy.end();

  for (const seed of [7, 2026]) {
    await t.step(`generated ones, seed ${seed}: no false alarm, and every change is found`, async () => {
      const restore = async (name: string) => await server.connect(await restoredCopy(server, name));
      const round = await definitionRound(server, { seed, count: 120, changes: 80, restore });
      assert.ok(round.made > 80 && round.printedOtherwise > 20, JSON.stringify(round));
      assert.deepEqual(round.alarms, []);
      assert.deepEqual(round.missed, []);
    });
  }
});
