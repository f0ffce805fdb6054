import { chainCheck } from "../../lib/checks/chain/chain.ts";
import type { CheckContext } from "../../lib/checks/check.ts";
import { connect } from "../../lib/postgres/connection/connect.ts";
import { inReadOnlyTransaction } from "../../lib/postgres/transactions.ts";
import { makeThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { makeAccountSandbox } from "../../lib/system/isolation/make_sandbox.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";
import { type Figure, seconds, timePair } from "./measure.ts";

const payload = (event: string) =>
  ["id", "previous_hash", "actor", "action", "resource"].map((column) => event + column).join(" || '|' || ");

/** A chain of 1,000,000 rows whose payload joins its fields with `|`. */
const events = `
  CREATE TABLE events (
    id bigint, actor text, action text, resource text, created_at timestamptz, previous_hash text, hash text
  );
  DO $$
  DECLARE
    event events;
  BEGIN
    event.hash := repeat('0', 64);
    FOR n IN 1 .. 1000000 LOOP
      event := (n, 'user-' || n % 100, 'certificate.issued', 'proof/' || md5(n::text),
        '2026-01-01'::timestamptz + n * interval '1 s', event.hash, NULL);
      event.hash := encode(sha256(convert_to(${payload("event.")}, 'UTF8')), 'hex');
      INSERT INTO events SELECT event.*;
    END LOOP;
  END $$;
  ALTER TABLE events ADD PRIMARY KEY (id);`;

/** The check as it is usually written: a loop over the rows, in order, that hashes each. */
const loop = (order: string) => `
  CREATE FUNCTION loop_by_${order}() RETURNS integer LANGUAGE plpgsql STABLE AS $$
  DECLARE
    event public.events;
    expected text := repeat('0', 64);
    place integer := 0;
  BEGIN
    FOR event IN SELECT * FROM public.events ORDER BY ${order} LOOP
      IF event.previous_hash IS DISTINCT FROM expected
        OR event.hash IS DISTINCT FROM encode(sha256(convert_to(${payload("event.")}, 'UTF8')), 'hex')
      THEN
        RETURN place;
      END IF;
      expected := event.hash;
      place := place + 1;
    END LOOP;
    RETURN -1;
  END $$`;

/** The chain check of 1,000,000 rows against the plpgsql row loop. */
export async function chainCheckTimes(): Promise<Figure[]> {
  const cluster = await makeThrowawayCluster(await findServerTools(), { sandbox: await makeAccountSandbox() });
  const sql = await connect(cluster.parameters, { settings: { search_path: null } });
  try {
    await sql.unsafe(events);
    await sql.unsafe("VACUUM (ANALYZE, FREEZE) events");
    for (const order of ["id", "created_at"]) await sql.unsafe(loop(order));
    const options = chainCheck.schema.parse({
      kind: "chain",
      name: "events",
      table: "events",
      previous_hash: "previous_hash",
      hash: "hash",
      payload: payload(""),
    });
    const session = { statementTimeoutMs: 600_000, signal: new AbortController().signal };
    const context = {
      inDatabase: (_, work) => inReadOnlyTransaction(cluster.parameters, session, work),
      manifestOf: () => undefined,
    } as Partial<CheckContext> as CheckContext;
    const recorded = await chainCheck.baseline!(options, context);
    const check = async (known: unknown) => {
      const { assertions } = await chainCheck.run(options, { ...context, recorded: known });
      if (!assertions.every(({ ok }) => ok)) throw new Error("the chain is whole, and the check says otherwise");
    };
    const figures = [];
    for (
      const { what, known, floor } of [
        { what: "", known: recorded, floor: () => sql`SELECT loop_by_id()` },
        { what: ", which sorts by an unindexed time", known: recorded, floor: () => sql`SELECT loop_by_created_at()` },
        { what: ", without a recorded head", known: undefined, floor: () => sql`SELECT loop_by_id()` },
      ]
    ) {
      const pair = await timePair(() => check(known), floor);
      figures.push({
        what: `\`chain\` check of 1,000,000 rows: plpgsql row loop${what} / ours`,
        measured: `${(1 / pair.ratio).toFixed(1)}× (${seconds(pair.floor)} / ${seconds(pair.ours)})`,
        asked: "≥ 3×",
      });
    }
    return figures;
  } finally {
    await sql.end({ timeout: 0 });
    await cluster.close();
  }
}
