import assert from "node:assert/strict";
import { mutations } from "../../../lib/selftest/mutations.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { traceableDirectory } from "../../support/traces.ts";

/** What a selftest has to break, in the words of its order; here by the names of the mutations. */
const ordered = {
  values: [
    "one character",
    "one bit of a float",
    "microsecond lost",
    "time zone shifted",
    "NULL against ''",
    "numeric 1.0 against 1.00",
    "-0.0",
    "trailing blank in char(n)",
    "jsonb number scale",
    "json whitespace",
    "bytea byte",
    "array element",
    "array bounds",
    "range bound inclusivity",
    "enum value",
    "int8 whose two halves changed alike",
    "one large object's byte",
    "a large object missing",
  ],
  rows: [
    "one row missing",
    "one row doubled",
    "one row doubled and another missing",
    "two rows that swapped one column's value",
    "a row moved between partitions",
    "two tables' contents swapped",
    "a table emptied",
    "one tenant's rows given to another",
  ],
  sequences: [
    "sequence reset",
    "sequence behind its column",
    "sequence increment",
    "sequence cycle",
    "sequence ownership lost",
  ],
  definitions: [
    "table",
    "column",
    "default",
    "NOT NULL",
    "check",
    "foreign key NOT VALID",
    "foreign key action",
    "primary key",
    "unique turned plain",
    "index missing",
    "index invalid",
    "index predicate",
    "trigger missing",
    "trigger disabled",
    "trigger's function's body",
    "view text",
    "materialized view unpopulated",
    "routine missing",
    "overload missing",
    "volatility",
    "security definer",
    "policy missing",
    "policy expression",
    "row security off",
    "row security not forced",
    "enum order",
    "domain check",
    "type",
    "extension missing",
    "comment",
    "rule",
    "statistics object",
    "publication",
    "partition detached",
    "generated expression",
    "identity kind",
    "column collation",
    "storage",
    "replica identity",
    "unlogged turned logged",
  ],
  chain: [
    "altered row with recomputed hash",
    "cut tail",
    "cut head",
    "fork",
    "two chain rows exchanged",
    "head changed",
  ],
};

Deno.test("selftest: everything that is broken is caught, nothing else, and nothing is left behind", async () => {
  await using directory = await traceableDirectory();
  const { status, verdict, stderr } = await pgrehearse(["selftest"], { env: { TMPDIR: directory.path } });
  assert.deepEqual([status, verdict.verdict, verdict.proof, verdict.findings], [0, "pass", "checked", []], stderr);
  const tried = verdict.mutations!;
  const leftOut = mutations.length - tried.length;
  assert.ok(tried.length >= 300);
  assert.deepEqual(tried.filter(({ ok, caught_by }) => !ok || caught_by === null), []);

  const names = new Set(tried.map(({ name }) => name));
  assert.deepEqual(Object.values(ordered).flat().filter((name) => !names.has(name)), []);
  const controls = Math.ceil(tried.length / 10) + 1; // before the first, after every tenth, after the last
  assert.deepEqual(
    verdict.assertions.filter(({ name }) => name !== "restore_status"),
    [
      { name: "backup", ok: true, expected: "pass", actual: "pass" },
      { name: "mutations_caught", ok: true, expected: tried.length, actual: tried.length },
      { name: "controls_clean", ok: true, expected: controls, actual: controls },
      { name: "false_alarms", ok: true, expected: 0, actual: 0 },
    ],
  );
  // What this host's server lacks is said, and by name.
  const notes = (verdict.notes ?? []).filter(({ code }) => code === "MUTATIONS_LEFT_OUT");
  assert.equal(leftOut > 0, notes.length > 0);
  for (const { name } of mutations.filter(({ name }) => !names.has(name))) {
    assert.ok(notes.some(({ message }) => message.includes(`"${name}"`)), name);
  }

  assert.match(stderr, /^ {2}✓ one character +\d+ ms {2}ROWS_DIFFER +shop\."every value"$/m);
  assert.match(stderr, /^ {2}✓ cut tail +\d+ ms {2}CHAIN_BROKEN +audit-smoke-0019$/m);
  assert.equal(stderr.match(/^ {2}✓ /gm)?.length, tried.length);
  assert.deepEqual(await directory.traces(), []);
});

for (const after of ["1500ms", "3s", "5s"]) {
  Deno.test(`selftest: stopped after ${after} it has verified nothing, and leaves nothing behind`, async () => {
    await using directory = await traceableDirectory();
    const { status, verdict } = await pgrehearse(["selftest", "--quiet", "--timeout", after], {
      env: { TMPDIR: directory.path },
    });
    assert.deepEqual([status, verdict.verdict, verdict.proof], [2, "unknown", undefined]);
    assert.deepEqual(verdict.findings.map(({ code }) => code), ["TIMEOUT"]);
    assert.deepEqual(await directory.traces(), []);
  });
}
