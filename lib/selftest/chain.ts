import type { Mutation } from "./mutation.ts";

const rows = "ROWS_DIFFER public.audit_events";
const rowCount = "ROW_COUNT_DIFFERS public.audit_events";
const head = "ROWS_DIFFER public.audit_chain_head";
const state = "CHAIN_DIFFERS audit chain";
const brokenAt = (row: number) => `CHAIN_BROKEN audit-smoke-${String(row).padStart(4, "0")}`;

const rehash = `UPDATE public.audit_events AS event SET row_hash = public.audit_event_hash(event)`;

/** Makes every link and the head anew, so that the chain is whole and another one. */
const rehashAll = `
  DO $$
  DECLARE
    next bigint;
    previous text := repeat('0', 64);
  BEGIN
    FOR next IN SELECT chain_position FROM public.audit_events ORDER BY chain_position LOOP
      UPDATE public.audit_events SET prev_hash = previous WHERE chain_position = next;
      ${rehash} WHERE chain_position = next RETURNING row_hash INTO previous;
      UPDATE public.audit_chain_head SET row_hash = previous, chain_position = next;
    END LOOP;
  END
  $$`;

/** What an attacker might do to an audit chain of 24 rows, `audit-smoke-0000` first; the walk says where it breaks. */
export const chainMutations: Mutation[] = [
  {
    name: "altered row",
    sql: "UPDATE public.audit_events SET actor = 'nobody' WHERE chain_position = 5",
    told: [brokenAt(4), rows],
  },
  {
    name: "altered row with recomputed hash",
    sql: `
    UPDATE public.audit_events SET actor = 'nobody' WHERE chain_position = 5;
    ${rehash} WHERE chain_position = 5`,
    told: [brokenAt(5), rows],
  },
  {
    name: "altered last row with recomputed hash",
    sql: `
    UPDATE public.audit_events SET actor = 'nobody' WHERE chain_position = 24;
    ${rehash} WHERE chain_position = 24`,
    told: [brokenAt(23), rows],
  },
  {
    name: "altered row in a chain made anew",
    sql: `
    UPDATE public.audit_events SET actor = 'nobody' WHERE chain_position = 5; ${rehashAll}`,
    told: [state, rows, head],
  },
  {
    name: "cut tail",
    sql: "DELETE FROM public.audit_events WHERE chain_position > 20",
    told: [brokenAt(19), rowCount, state],
  },
  {
    name: "cut tail with the head moved back",
    sql: `
    DELETE FROM public.audit_events WHERE chain_position > 20;
    UPDATE public.audit_chain_head SET chain_position = 20,
      row_hash = (SELECT row_hash FROM public.audit_events WHERE chain_position = 20)`,
    told: [state, rowCount, head],
  },
  {
    name: "cut head",
    sql: "DELETE FROM public.audit_events WHERE chain_position < 5",
    told: [brokenAt(4), rowCount, state],
  },
  {
    name: "cut head in a chain made anew",
    sql: `
    DELETE FROM public.audit_events WHERE chain_position < 5;
    UPDATE public.audit_events SET chain_position = chain_position - 100;
    UPDATE public.audit_events SET chain_position = chain_position + 96; ${rehashAll}`,
    told: [state, rowCount, head],
  },
  {
    name: "row cut from the middle",
    sql: "DELETE FROM public.audit_events WHERE chain_position = 12",
    told: [brokenAt(12), rowCount, state],
  },
  {
    name: "all rows cut",
    sql: "TRUNCATE public.audit_events",
    told: ["CHAIN_BROKEN audit_chain_head", rowCount, state],
  },
  {
    name: "fork",
    sql: `
    INSERT INTO public.audit_events
    SELECT 'audit-smoke-fork', actor, actor_type, action, resource_type, resource_id, details, timestamp, event_category,
      25, prev_hash, row_hash
    FROM public.audit_events WHERE chain_position = 10;
    ${rehash} WHERE chain_position = 25`,
    told: ["CHAIN_BROKEN audit-smoke-fork", rowCount, state],
  },
  {
    name: "fork that the head follows",
    sql: `
    INSERT INTO public.audit_events
    SELECT 'audit-smoke-fork', actor, actor_type, action, resource_type, resource_id, details, timestamp, event_category,
      25, prev_hash, row_hash
    FROM public.audit_events WHERE chain_position = 24;
    ${rehash} WHERE chain_position = 25;
    UPDATE public.audit_chain_head SET chain_position = 25,
      row_hash = (SELECT row_hash FROM public.audit_events WHERE chain_position = 25)`,
    told: ["CHAIN_BROKEN audit-smoke-fork", rowCount, state, head],
  },
  {
    name: "two chain rows exchanged",
    sql: `
    UPDATE public.audit_events SET chain_position = -chain_position WHERE chain_position IN (8, 9);
    UPDATE public.audit_events SET chain_position = 17 + chain_position WHERE chain_position < 0`,
    told: [brokenAt(8), rows],
  },
  {
    name: "two chain rows exchanged, their hashes recomputed",
    sql: `
    UPDATE public.audit_events SET chain_position = -chain_position WHERE chain_position IN (8, 9);
    UPDATE public.audit_events SET chain_position = 17 + chain_position WHERE chain_position < 0;
    ${rehash} WHERE chain_position IN (8, 9)`,
    told: [brokenAt(8), rows],
  },
  {
    name: "head changed",
    sql: "UPDATE public.audit_chain_head SET row_hash = repeat('a', 64)",
    told: [brokenAt(23), state, head],
  },
  {
    name: "head's position changed",
    sql: "UPDATE public.audit_chain_head SET chain_position = 23",
    told: [brokenAt(23), head],
  },
  {
    name: "head missing",
    sql: "DELETE FROM public.audit_chain_head",
    told: [brokenAt(23), state, "ROW_COUNT_DIFFERS public.audit_chain_head"],
  },
  {
    name: "a microsecond in an audit row",
    sql: `
    UPDATE public.audit_events SET timestamp = timestamp + interval '1 microsecond' WHERE chain_position = 3`,
    told: [brokenAt(2), rows],
  },
  {
    name: "text moved between an audit row's fields",
    sql: `
    UPDATE public.audit_events SET actor = actor || left(actor_type, 1), actor_type = substr(actor_type, 2)
    WHERE chain_position = 3`,
    told: [brokenAt(2), rows],
  },
  {
    name: "a number's scale in an audit row's details",
    sql: `
    UPDATE public.audit_events SET details = '{"sequence": 2.0}' WHERE chain_position = 3`,
    told: [brokenAt(2), rows],
  },
];
