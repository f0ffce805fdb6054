import assert from "node:assert/strict";
import { insertAuditRows } from "../../../lib/chain/insert_audit_rows.ts";
import { migrate } from "../../../lib/chain/migrate.ts";
import { embeddedMigrations } from "../../../lib/chain/migrations.ts";
import { snapshotChain, verifyChain } from "../../../lib/manifest/chain/chain.ts";
import type { Sql } from "../../../lib/postgres/connection/connect.ts";
import { startTestServer } from "../../support/server.ts";

const neverAborted = new AbortController().signal;
const genesis = "0".repeat(64);

/** One row whose other columns take what they are given or a default. */
async function insertRow(sql: Sql, id: string, fields: Record<string, unknown> = {}): Promise<void> {
  const row = { id, actor: "a", actor_type: "t", action: "x", resource_type: "r", resource_id: "i", ...fields };
  await sql`INSERT INTO audit_events ${sql(row)}`;
}

/** What an intruder with every right does: the triggers that guard the table are switched off. */
async function tamper(sql: Sql, statement: string): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`SET LOCAL session_replication_role = replica`;
    await transaction.unsafe(statement);
  });
}

Deno.test("the audit chain", async (t) => {
  await using server = await startTestServer();

  /** A step in a separate database with a migrated chain of `rows` rows. */
  const step = (name: string, rows: number, test: (sql: Sql, database: string) => Promise<void>) =>
    t.step(name, async () => {
      const database = await server.makeDatabase();
      const sql = await server.connect(database);
      try {
        await migrate(sql, embeddedMigrations);
        if (rows > 0) await insertAuditRows(sql, rows, neverAborted);
        await test(sql, database);
      } finally {
        await sql.end();
      }
    });

  await step("an empty chain is whole, and its head is the beginning", 0, async (sql) => {
    assert.deepEqual({ ...await verifyChain(sql) }, {
      phase: "verify",
      row_count: 0,
      chain_head_hash: genesis,
      verifier_walked: 0,
    });
  });

  await step("24 rows: whole, numbered without gap, as the workload promises", 24, async (sql) => {
    const chain = await verifyChain(sql);
    assert.equal(chain.row_count, 24);
    assert.equal(chain.verifier_walked, 24);
    assert.equal("first_break_id" in chain, false);
    assert.match(chain.chain_head_hash!, /^[0-9a-f]{64}$/);
    assert.equal((await snapshotChain(sql)).chain_head_hash, chain.chain_head_hash);
    const rows = await sql`SELECT * FROM audit_events ORDER BY chain_position`;
    assert.deepEqual(rows.map((row) => Number(row.chain_position)), Array.from({ length: 24 }, (_, i) => i + 1));
    assert.equal(rows[0].id, "audit-smoke-0000");
    assert.equal(rows[0].prev_hash, genesis);
    assert.deepEqual(rows.slice(0, 4).map(({ action, resource_id }) => [action, resource_id]), [
      ["certificate.issue", "mc-smoke"],
      ["certificate.renew", "mc-smoke"],
      ["certificate.revoke", "mc-smoke"],
      ["auth.login", "sess-smoke"],
    ]);
    assert.ok(
      rows.every(({ actor, event_category }) => actor === "smoke-actor" && event_category === "cert_lifecycle"),
    );
    const [{ spaced }] = await sql`
      SELECT bool_and(gap = interval '1 microsecond') AS spaced
      FROM (SELECT timestamp - lag(timestamp) OVER (ORDER BY chain_position) AS gap FROM audit_events) AS gaps`;
    assert.equal(spaced, true);
  });

  await step("a second workload goes on where the first ended, beyond four digits too", 9_999, async (sql) => {
    await insertAuditRows(sql, 2, neverAborted);
    await insertAuditRows(sql, 3, neverAborted);
    const chain = await verifyChain(sql);
    assert.equal(chain.row_count, 10_004);
    assert.equal("first_break_id" in chain, false);
    const [last] = await sql`SELECT id FROM audit_events ORDER BY chain_position DESC LIMIT 1`;
    assert.equal(last.id, "audit-smoke-10003");
  });

  await step(
    "two transactions that commit in the other order of their now() verify clean",
    1,
    async (first, database) => {
      const second = await server.connect(database);
      try {
        const earlier = await first.reserve();
        await earlier`BEGIN`;
        await earlier`SELECT now()`;
        await second.begin((transaction) =>
          insertRow(transaction as unknown as Sql, "later", { timestamp: second`now()` })
        );
        await insertRow(earlier as unknown as Sql, "earlier", { timestamp: first`now()` });
        await earlier`COMMIT`;
        earlier.release();
        const rows = await first`SELECT id FROM audit_events WHERE id IN ('earlier', 'later') ORDER BY timestamp`;
        const inChain =
          await first`SELECT id FROM audit_events WHERE id IN ('earlier', 'later') ORDER BY chain_position`;
        assert.deepEqual(rows.map(({ id }) => id), ["earlier", "later"]);
        assert.deepEqual(inChain.map(({ id }) => id), ["later", "earlier"]);
        assert.equal("first_break_id" in await verifyChain(first), false);
      } finally {
        await second.end();
      }
    },
  );

  await step("concurrent writers on several connections keep one chain", 0, async (sql, database) => {
    const writers = await Promise.all([0, 1, 2, 3].map(() => server.connect(database)));
    await Promise.all(writers.map(async (writer, w) => {
      for (let i = 0; i < 25; i++) await insertRow(writer, `w${w}-${i}`);
      await writer.end();
    }));
    const chain = await verifyChain(sql);
    assert.equal(chain.verifier_walked, 100);
    assert.equal("first_break_id" in chain, false);
  });

  await step("rows that are not inserted leave no gap", 3, async (sql) => {
    await sql`INSERT INTO audit_events (id, actor, actor_type, action, resource_type, resource_id)
      SELECT id, 'a', 't', 'x', 'r', 'i' FROM unnest(ARRAY['n1', 'audit-smoke-0001', 'n2', 'n1']) AS id
      ON CONFLICT DO NOTHING`;
    await assert.rejects(insertRow(sql, "audit-smoke-0002"), /duplicate key/);
    await sql.begin(async (transaction) => {
      await transaction.savepoint((inner) =>
        insertRow(inner as unknown as Sql, "undone").then(() => {
          throw new Error("roll back");
        })
      ).catch(() => {});
      await insertRow(transaction as unknown as Sql, "kept");
    });
    const chain = await verifyChain(sql);
    assert.equal(chain.verifier_walked, 6);
    assert.equal("first_break_id" in chain, false);
  });

  await step("an INSERT inside an INSERT, in functions and in CTEs, continues the same chain", 1, async (sql) => {
    await sql.unsafe(`
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.id NOT LIKE 'note-%' THEN
          INSERT INTO audit_events (id, actor, actor_type, action, resource_type, resource_id)
          VALUES ('note-' || NEW.id, 'a', 't', 'x', 'r', 'i');
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER note AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION note();
      WITH one AS (
        INSERT INTO audit_events (id, actor, actor_type, action, resource_type, resource_id)
        VALUES ('c1', 'a', 't', 'x', 'r', 'i'), ('c2', 'a', 't', 'x', 'r', 'i') RETURNING id
      ), two AS (
        INSERT INTO audit_events (id, actor, actor_type, action, resource_type, resource_id)
        VALUES ('c3', 'a', 't', 'x', 'r', 'i') RETURNING id
      )
      SELECT * FROM one, two`).simple();
    const chain = await verifyChain(sql);
    assert.equal(chain.verifier_walked, 7);
    assert.equal("first_break_id" in chain, false);
  });

  await step("what the writer says of position and hashes is ignored", 1, async (sql) => {
    await insertRow(sql, "forged", { chain_position: 77, prev_hash: "p", row_hash: "r" });
    assert.equal("first_break_id" in await verifyChain(sql), false);
  });

  await step("append-only: UPDATE, DELETE and TRUNCATE raise, also where no row would match", 2, async (sql) => {
    for (
      const statement of [
        "UPDATE audit_events SET actor = 'x'",
        "UPDATE audit_events SET actor = 'x' WHERE false",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
      ]
    ) {
      await assert.rejects(sql.unsafe(statement), /append-only/);
    }
  });

  await step(
    "the canonical form: no text moves to its neighbour, NULL is not '', no microsecond is lost",
    1,
    async (sql) => {
      const hashOf = async (fields: string) => {
        const [{ hash }] = await sql.unsafe(`
        SELECT audit_event_hash(jsonb_populate_record(event, '${fields}')) AS hash FROM audit_events AS event`);
        return hash as string;
      };
      const variants = [
        `{}`,
        `{"actor": "ab", "actor_type": "c"}`,
        `{"actor": "a", "actor_type": "bc"}`,
        `{"actor": "ab1:c", "actor_type": ""}`,
        `{"actor": "", "actor_type": "ab1:c"}`,
        `{"actor": null, "actor_type": "ab1:c"}`,
        `{"actor": "", "actor_type": null}`,
        `{"actor": null, "actor_type": ""}`,
        `{"actor": null, "actor_type": null}`,
        `{"timestamp": "2026-01-01T00:00:00.000001Z"}`,
        `{"timestamp": "2026-01-01T00:00:00.000002Z"}`,
        `{"event_category": "auth"}`,
        `{"details": {"n": 1.0}}`,
        `{"details": {"n": 1.00}}`,
        `{"chain_position": 2}`,
        `{"prev_hash": "00"}`,
        `{"id": "other"}`,
        `{"action": "other"}`,
        `{"resource_type": "other"}`,
        `{"resource_id": "other"}`,
      ];
      const hashes = await Promise.all(variants.map(hashOf));
      assert.equal(new Set(hashes).size, variants.length);
    },
  );

  const breaks: { name: string; statement: string; id: string; position: number; walked?: number }[] = [
    ...["actor", "actor_type", "action", "resource_type", "resource_id", "event_category", "prev_hash", "row_hash"].map(
      (column) => ({
        name: `altered ${column}`,
        statement: `UPDATE audit_events SET ${column} = ${column} || 'x' WHERE chain_position = 5`,
        id: "audit-smoke-0004",
        position: 4,
      }),
    ),
    {
      name: "altered id",
      statement: "UPDATE audit_events SET id = 'x' WHERE chain_position = 5",
      id: "x",
      position: 4,
    },
    {
      name: "altered details",
      statement: `UPDATE audit_events SET details = '{}' WHERE chain_position = 5`,
      id: "audit-smoke-0004",
      position: 4,
    },
    {
      name: "a lost microsecond",
      statement: "UPDATE audit_events SET timestamp = timestamp - interval '1 microsecond' WHERE chain_position = 5",
      id: "audit-smoke-0004",
      position: 4,
    },
    {
      name: "an altered row with its hash recomputed",
      statement: `UPDATE audit_events SET actor = 'x' WHERE chain_position = 5;
        UPDATE audit_events AS event SET row_hash = audit_event_hash(event) WHERE chain_position = 5`,
      id: "audit-smoke-0005",
      position: 5,
    },
    {
      name: "a link cut out",
      statement: "DELETE FROM audit_events WHERE chain_position = 5",
      id: "audit-smoke-0005",
      position: 4,
    },
    {
      name: "the first row missing",
      statement: "DELETE FROM audit_events WHERE chain_position = 1",
      id: "audit-smoke-0001",
      position: 0,
    },
    {
      name: "a link added in the middle (a fork)",
      statement: `ALTER TABLE audit_events DROP CONSTRAINT audit_events_chain_position_key;
        INSERT INTO audit_events SELECT (jsonb_populate_record(event, '{"id": "fork"}')).* FROM audit_events AS event
        WHERE chain_position = 5;
        UPDATE audit_events AS event SET row_hash = audit_event_hash(event) WHERE id = 'fork'`,
      id: "fork",
      position: 5,
    },
    {
      name: "a link added at the end",
      statement: `INSERT INTO audit_events SELECT (jsonb_populate_record(event, jsonb_build_object(
          'id', 'added', 'chain_position', 11, 'prev_hash', row_hash))).*
        FROM audit_events AS event WHERE chain_position = 10;
        UPDATE audit_events AS event SET row_hash = audit_event_hash(event) WHERE id = 'added'`,
      id: "added",
      position: 10,
    },
    {
      name: "a gap in the positions",
      statement: `UPDATE audit_events SET chain_position = chain_position + 100 WHERE chain_position > 5`,
      id: "audit-smoke-0005",
      position: 5,
    },
    {
      name: "two rows exchanged",
      statement: `ALTER TABLE audit_events DROP CONSTRAINT audit_events_chain_position_key;
        UPDATE audit_events SET chain_position = 11 - chain_position WHERE chain_position IN (5, 6)`,
      id: "audit-smoke-0005",
      position: 4,
    },
    {
      name: "the tail cut off",
      statement: "DELETE FROM audit_events WHERE chain_position > 8",
      id: "audit-smoke-0007",
      position: 7,
    },
    {
      name: "everything cut off",
      statement: "DELETE FROM audit_events",
      id: "audit_chain_head",
      position: 0,
      walked: 0,
    },
    {
      name: "the head changed",
      statement: "UPDATE audit_chain_head SET row_hash = repeat('a', 64)",
      id: "audit-smoke-0009",
      position: 9,
    },
    { name: "the head missing", statement: "DELETE FROM audit_chain_head", id: "audit-smoke-0009", position: 9 },
  ];
  for (const { name, statement, id, position, walked = position + 1 } of breaks) {
    await step(`finds ${name}`, 10, async (sql) => {
      await tamper(sql, statement);
      const chain = await verifyChain(sql);
      assert.deepEqual(
        { id: chain.first_break_id, position: chain.first_break_pos, walked: chain.verifier_walked },
        { id, position, walked },
      );
    });
  }
});
