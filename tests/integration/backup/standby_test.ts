import assert from "node:assert/strict";
import { join } from "node:path";
import { manifestSchema } from "../../../lib/manifest/manifest_schema.ts";
import { connect } from "../../../lib/postgres/connection/connect.ts";
import { resolveConnectionParameters } from "../../../lib/postgres/connection/connection_parameters.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startStandbyPair } from "../../support/standby.ts";
import { traceableDirectory } from "../../support/traces.ts";

const contents = `
  CREATE TABLE orders (id serial PRIMARY KEY, total numeric);
  INSERT INTO orders (total) SELECT n FROM generate_series(1, 1000) AS n;
  CREATE UNLOGGED TABLE cache (id serial PRIMARY KEY, value text);
  INSERT INTO cache (value) SELECT 'cached ' || n FROM generate_series(1, 100) AS n;
  CREATE MATERIALIZED VIEW sums AS SELECT sum(total) FROM orders;
  SELECT lo_from_bytea(0, 'large')`;

Deno.test("standby: a backup of a hot standby drills exactly; what is unlogged comes back empty", async () => {
  await using pair = await startStandbyPair();
  await using directory = await traceableDirectory();
  const [primary, standby] = await Promise.all(
    [pair.primaryUrl(), pair.standbyUrl()].map(async (url) => connect(await resolveConnectionParameters(url, {}))),
  );
  await primary.unsafe(`SET search_path = public; ${contents}`).simple();
  const [{ lsn }] = await primary`SELECT pg_current_wal_flush_lsn()::text AS lsn`;
  for (let isThere = false; !isThere;) {
    [{ isThere }] = await standby`SELECT pg_last_wal_replay_lsn() >= ${lsn}::text::pg_lsn AS "isThere"`;
  }
  await Promise.all([primary, standby].map((sql) => sql.end()));

  for (const options of [[], ["--format=directory"], ["--exclude-table-data=orders"]]) {
    const to = join(directory.path, `store${options}`);
    const made = await pgrehearse(["backup", "--db-url", pair.standbyUrl(), "--to", to, ...options]);
    assert.equal(made.status, 0, made.stdout);
    const manifest = manifestSchema.parse(JSON.parse(await Deno.readTextFile(made.verdict.backup!.manifest!)));
    assert.equal(manifest.snapshot.is_standby, true);
    const said = made.verdict.findings.find(({ code }) => code === "UNLOGGED_LEFT_OUT");
    assert.match(said?.message ?? "", /public\.cache/);
    const cache = manifest.rows.find(({ name }) => name === "cache");
    assert.deepEqual([cache?.row_count, cache?.is_data_left_out], [0, true]);
    const drill = await pgrehearse(["drill", made.verdict.backup!.path, "--trust-dump", "--into", pair.primaryUrl()]);
    assert.equal(drill.status, 0, drill.stdout);
    assert.equal(drill.verdict.proof, "exact");
  }
});
