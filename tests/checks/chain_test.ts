import assert from "node:assert/strict";
import { insertAuditRows } from "../../lib/chain/insert_audit_rows.ts";
import { migrate } from "../../lib/chain/migrate.ts";
import { embeddedMigrations } from "../../lib/chain/migrations.ts";
import type { Sql } from "../../lib/postgres/connection/connect.ts";
import { checkSystem, recordCheck } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

/** A chain whose payload joins its fields with `|`; rows are not stored in the order of the chain. */
const events = `
  CREATE TABLE events (id bigint, actor text, action text, previous_hash text, hash text);
  WITH RECURSIVE chain AS (
    SELECT 1::bigint AS id, 'actor 1' AS actor, NULL::text AS previous_hash,
      encode(sha256(convert_to('1||actor 1|issued', 'UTF8')), 'hex') AS hash
    UNION ALL
    SELECT id + 1, 'actor ' || id + 1, hash,
      encode(sha256(convert_to(id + 1 || '|' || hash || '|' || 'actor ' || id + 1 || '|issued', 'UTF8')), 'hex')
    FROM chain WHERE id < 50
  )
  INSERT INTO events SELECT id, actor, 'issued', previous_hash, hash FROM chain ORDER BY hash`;
const payload = "id || '|' || coalesce(previous_hash, '') || '|' || actor || '|' || action";
const check = {
  kind: "chain",
  name: "events",
  table: "events",
  previous_hash: "previous_hash",
  hash: "hash",
  payload,
};

Deno.test("chain check", async (t) => {
  await using server = await startTestServer();

  /** A database with the chain, changed; and what the check says of it. */
  async function look(change: string, options: object = {}, recordIt = true) {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    const databases = { shop: server.url(database) };
    await sql.unsafe(events);
    const asked = { ...check, ...options };
    const recorded = recordIt ? new Map([["events", await recordCheck(asked, { databases })]]) : undefined;
    await sql.unsafe(change);
    const verdict = await checkSystem([asked], { databases, ...(recorded && { recorded }) });
    await sql.end();
    return { ...verdict, codes: verdict.findings.map(({ code }) => code) };
  }
  const hashOf = (id: number) => `(SELECT hash FROM events WHERE id = ${id})`;
  const rehash = `encode(sha256(convert_to(${payload}, 'UTF8')), 'hex')`;

  await t.step("a whole chain passes, whatever the order of its rows", async () => {
    for (const recordIt of [true, false]) {
      const { verdict, assertions } = await look("", {}, recordIt);
      assert.equal(verdict, "pass");
      assert.equal(assertions.length, recordIt ? 8 : 6);
    }
  });

  await t.step("what is recorded is the number of rows and the hash at the end", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await sql.unsafe(events);
    const [{ hash }] = await sql`SELECT hash FROM events WHERE id = 50`;
    const parts = { databases: { shop: server.url(database) } };
    assert.deepEqual(await recordCheck(check, parts), { rows: 50, heads: [hash], is_whole: true });
    await sql`UPDATE events SET action = 'x' WHERE id = 7`;
    assert.deepEqual(await recordCheck(check, parts), { rows: 50, heads: [hash], is_whole: false });
    await sql.end();
  });

  const broken: [what: string, change: string, codes: string[], first?: string][] = [
    [
      "a changed field",
      "UPDATE events SET actor = 'x' WHERE id IN (17, 9)",
      ["CHAIN_ROWS_ALTERED"],
      "2 rows of public.events, first 9,",
    ],
    ["a field without a value", "UPDATE events SET actor = NULL WHERE id = 17", ["CHAIN_ROWS_ALTERED"], "first 17,"],
    [
      "a changed field with a new hash",
      `UPDATE events SET actor = 'x' WHERE id = 17; UPDATE events SET hash = ${rehash} WHERE id = 17`,
      ["CHAIN_PREDECESSOR_MISSING", "CHAIN_END_WRONG", "CHAIN_HEAD_DIFFERS"],
      "first 18,",
    ],
    [
      "a row taken out",
      "DELETE FROM events WHERE id = 17",
      ["CHAIN_PREDECESSOR_MISSING", "CHAIN_END_WRONG", "CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"],
      "first 18,",
    ],
    [
      "the first row taken out",
      "DELETE FROM events WHERE id = 1",
      ["CHAIN_PREDECESSOR_MISSING", "CHAIN_BEGINNING_WRONG", "CHAIN_ROWS_DIFFER"],
    ],
    [
      "a tail cut off",
      "DELETE FROM events WHERE id > 40",
      ["CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"],
      "40 rows; it had 50",
    ],
    ["every row lost", "DELETE FROM events", ["CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"]],
    [
      "a second row after another one",
      `INSERT INTO events SELECT 99, actor, action, previous_hash FROM events WHERE id = 30;
      UPDATE events SET hash = ${rehash} WHERE id = 99`,
      ["CHAIN_FORKED", "CHAIN_END_WRONG", "CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"],
      "first 99,",
    ],
    ["a row restored twice", "INSERT INTO events SELECT * FROM events WHERE id = 30", [
      "CHAIN_FORKED",
      "CHAIN_ROWS_DIFFER",
    ]],
    [
      "every row restored twice",
      "INSERT INTO events SELECT * FROM events",
      ["CHAIN_FORKED", "CHAIN_BEGINNING_WRONG", "CHAIN_END_WRONG", "CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"],
    ],
    [
      "a second chain",
      `INSERT INTO events VALUES (99, 'x', 'issued'); UPDATE events SET hash = ${rehash} WHERE id = 99`,
      ["CHAIN_BEGINNING_WRONG", "CHAIN_END_WRONG", "CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"],
    ],
    [
      "two rows that swapped their hashes",
      `UPDATE events SET hash = CASE id WHEN 20 THEN ${hashOf(21)} ELSE ${hashOf(20)} END WHERE id IN (20, 21)`,
      ["CHAIN_ROWS_ALTERED"],
    ],
    [
      "a row added at the end",
      `INSERT INTO events SELECT 51, 'x', 'issued', hash FROM events WHERE id = 50;
      UPDATE events SET hash = ${rehash} WHERE id = 51`,
      ["CHAIN_ROWS_DIFFER", "CHAIN_HEAD_DIFFERS"],
    ],
  ];
  for (const [what, change, codes, message] of broken) {
    await t.step(`${what} fails`, async () => {
      const { verdict, codes: found, findings, assertions } = await look(change);
      assert.equal(verdict, "fail");
      assert.deepEqual(found, codes);
      assert.equal(assertions.filter(({ ok }) => !ok).length, codes.length);
      assert.ok(
        message === undefined || findings.some((finding) => finding.message.includes(message)),
        findings[0].message,
      );
      assert.doesNotMatch(JSON.stringify(findings), /actor/);
    });
  }

  await t.step("a circle apart from the chain fails, though each of its rows has a predecessor", async () => {
    const options = { payload: "id || '|' || actor" };
    const change = (sql: string) => `
      UPDATE events SET hash = encode(sha256(convert_to(id || '|' || actor, 'UTF8')), 'hex');
      UPDATE events AS e SET previous_hash = p.hash FROM events AS p WHERE p.id = e.id - 1;
      ${sql}`;
    assert.equal((await look(change(""), options, false)).verdict, "pass");
    const circle = `UPDATE events SET previous_hash = ${hashOf(50)} WHERE id = 48; DELETE FROM events WHERE id = 47`;
    const { codes, findings } = await look(
      change(`${circle}; DELETE FROM events WHERE id = 49;
      UPDATE events SET previous_hash = ${hashOf(48)} WHERE id = 50`),
      options,
      false,
    );
    assert.deepEqual(codes, ["CHAIN_HAS_CIRCLE"]);
    assert.match(findings[0].message, /2 rows of public.events, first 48,/);
  });

  await t.step("two rows of one hash fail, which a payload without the previous hash allows", async () => {
    const change = `
      DELETE FROM events WHERE id > 3;
      UPDATE events SET actor = 'actor 1' WHERE id = 3;
      UPDATE events SET hash = encode(sha256(convert_to(actor, 'UTF8')), 'hex');
      UPDATE events AS e SET previous_hash = p.hash FROM events AS p WHERE p.id = e.id - 1`;
    const { codes, findings } = await look(change, { payload: "actor" }, false);
    assert.deepEqual(codes, ["CHAIN_FORKED", "CHAIN_END_WRONG"]);
    assert.match(findings[0].message, /1 row of public.events, first 3,/);
  });

  await t.step("the head may be kept in another table, or be named", async () => {
    const heads = "CREATE TABLE heads AS SELECT decode(hash, 'hex') AS hash FROM events WHERE id = 50;";
    const head = { sql: "SELECT hash FROM heads" };
    assert.equal((await look(heads, { head }, false)).verdict, "pass");
    const cut = await look(`${heads} DELETE FROM events WHERE id = 50`, { head }, false);
    assert.deepEqual(cut.codes, ["CHAIN_HEAD_DIFFERS"]);
    assert.deepEqual((await look(`${heads} DELETE FROM events`, { head }, false)).codes, ["CHAIN_HEAD_DIFFERS"]);
    assert.deepEqual((await look(`${heads} DELETE FROM heads`, { head }, false)).codes, ["CHAIN_HEAD_DIFFERS"]);
    const bothLost = await look(`${heads} DELETE FROM heads; DELETE FROM events`, { head }, false);
    assert.deepEqual([bothLost.verdict, bothLost.codes], ["unknown", ["CHECK_FOUND_NOTHING"]]);
    assert.deepEqual((await look("", { head: "ABCD" }, false)).codes, ["CHAIN_HEAD_DIFFERS"]);
  });

  await t.step(
    "hashes may be upper-case, bytea, or of another length; the first row may follow a constant",
    async () => {
      for (const where of ["", "WHERE id = 7"]) {
        assert.equal((await look(`UPDATE events SET hash = upper(hash) ${where}`)).verdict, "pass");
      }
      const binary = `
      ALTER TABLE events ALTER hash TYPE bytea USING decode(hash, 'hex'),
        ALTER previous_hash TYPE bytea USING decode(previous_hash, 'hex')`;
      const asText = payload.replace("previous_hash", "encode(previous_hash, 'hex')");
      const { verdict } = await look(binary, { payload: `convert_to(${asText}, 'UTF8')` }, false);
      assert.equal(verdict, "pass");
      const longer = `
      TRUNCATE events;
      INSERT INTO events VALUES (1, 'a', 'b', 'GENESIS', encode(sha384('1GENESIS'), 'hex'));
      INSERT INTO events SELECT 2, 'a', 'b', hash, encode(sha384(convert_to('2' || hash, 'UTF8')), 'hex') FROM events`;
      const options = { payload: "id || previous_hash", algorithm: "sha384", genesis: ["GENESIS"] };
      assert.equal((await look(longer, options, false)).verdict, "pass");
      const other = await look(longer, { ...options, genesis: ["Genesis"] }, false);
      assert.deepEqual(other.codes, ["CHAIN_PREDECESSOR_MISSING", "CHAIN_BEGINNING_WRONG"]);
    },
  );

  await t.step("a payload of the row as a whole is looked at link by link", async () => {
    const asFunction = `
      CREATE FUNCTION payload_of(e events) RETURNS text IMMUTABLE RETURN
        e.id || '|' || coalesce(e.previous_hash, '') || '|' || e.actor || '|' || e.action`;
    assert.equal((await look(asFunction, { payload: "payload_of(events)" }, false)).verdict, "pass");
  });

  await t.step("no rows, no table and no column are not run", async () => {
    assert.deepEqual((await look("DELETE FROM events", {}, false)).codes, ["CHECK_FOUND_NOTHING"]);
    const missing: [object, string][] = [
      [{ table: "other" }, "CHECK_TABLE_MISSING"],
      [{ hash: "row_hash" }, "CHECK_COLUMN_MISSING"],
      [{ payload: "nothing" }, "QUERY_FAILED"],
      [{ head: { sql: "SELECT hash FROM events" } }, "CHAIN_HEAD_AMBIGUOUS"],
    ];
    for (const [options, code] of missing) {
      const { verdict, codes } = await look("", options, false);
      assert.deepEqual([verdict, codes], ["unknown", [code]]);
    }
  });

  await t.step("the audit chain of this program", async () => {
    const database = await server.makeDatabase();
    const sql = await server.connect(database);
    await migrate(sql, embeddedMigrations);
    await insertAuditRows(sql, 200, new AbortController().signal);
    const asked = { ...auditCheck, head: { sql: "SELECT row_hash FROM audit_chain_head" } };
    const databases = { shop: server.url(database) };
    assert.equal((await checkSystem([asked], { databases })).verdict, "pass");
    await change(sql, "UPDATE audit_events SET actor = 'x' WHERE chain_position = 5");
    const { findings: [finding] } = await checkSystem([asked], { databases });
    assert.match(finding.message, /1 row of public.audit_events, first 5,/);
    await sql.end();
  });
});

const auditCheck = {
  kind: "chain",
  name: "audit",
  table: "audit_events",
  id: "chain_position",
  previous_hash: "prev_hash",
  hash: "row_hash",
  payload: `concat(
    chain_position, ':', to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ':',
    octet_length(prev_hash), ':', prev_hash, octet_length(id), ':', id, octet_length(actor), ':', actor,
    octet_length(actor_type), ':', actor_type, octet_length(action), ':', action,
    octet_length(resource_type), ':', resource_type, octet_length(resource_id), ':', resource_id,
    octet_length(event_category), ':', event_category, details
  )`,
};

/** As a user does whom the trigger does not stop. */
async function change(sql: Sql, statement: string): Promise<void> {
  await sql.unsafe(`SET session_replication_role = replica; ${statement}; RESET session_replication_role`);
}
