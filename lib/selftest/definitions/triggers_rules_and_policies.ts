import type { Mutation } from "../mutation.ts";

/** Triggers, rules and policies. */
export const triggersRulesAndPolicies: Mutation[] = [
  {
    name: "trigger missing",
    sql: "DROP TRIGGER statement ON customers",
    told: ["- trigger statement on shop.customers"],
  },
  { name: "trigger disabled", sql: "ALTER TABLE orders DISABLE TRIGGER late", told: ["~ trigger late on shop.orders"] },
  {
    name: "trigger enabled",
    sql: "ALTER TABLE orders ENABLE TRIGGER switched_off",
    told: ["~ trigger switched_off on shop.orders"],
  },
  {
    name: "trigger of a partition enabled",
    sql: "ALTER TABLE events_2024 ENABLE TRIGGER everywhere",
    told: ["- trigger everywhere on shop.events_2024"],
  },
  {
    name: "trigger of a partition for replicas",
    sql: "ALTER TABLE events_2025_a ENABLE REPLICA TRIGGER everywhere",
    told: ["+ trigger everywhere on shop.events_2025_a"],
  },
  {
    name: "trigger added to a partitioned table",
    sql: "CREATE TRIGGER more AFTER DELETE ON events FOR EACH ROW EXECUTE FUNCTION on_change()",
    told: ["+ trigger more on shop.events"],
  },
  { name: "event trigger disabled", sql: "ALTER EVENT TRIGGER watch_ddl DISABLE", told: ["~ event_trigger watch_ddl"] },
  { name: "event trigger missing", sql: "DROP EVENT TRIGGER switched_off", told: ["- event_trigger switched_off"] },
  { name: "rule enabled", sql: "ALTER TABLE orders ENABLE RULE watch", told: ["~ rule watch on shop.orders"] },
  { name: "rule", sql: "DROP RULE notify ON orders", told: ["- rule notify on shop.orders"] },
  { name: "policy missing", sql: "DROP POLICY additions ON orders", told: ["- policy additions on shop.orders"] },
  {
    name: "policy expression",
    sql: "ALTER POLICY additions ON orders WITH CHECK (false)",
    told: ["~ policy additions on shop.orders"],
  },
  {
    name: "policy roles",
    sql: "ALTER POLICY additions ON orders TO pg_monitor",
    told: ["~ policy additions on shop.orders"],
  },
  {
    name: "trigger's condition",
    sql:
      "DROP TRIGGER changed ON customers; CREATE TRIGGER changed BEFORE UPDATE OF name, age ON customers FOR EACH ROW EXECUTE FUNCTION on_change('an', 'argument'); COMMENT ON TRIGGER changed ON customers IS 'trigger'",
    told: ["~ trigger changed on shop.customers"],
  },
  {
    name: "trigger of the audit chain disabled",
    sql: "ALTER TABLE public.audit_events DISABLE TRIGGER audit_events_refuse_change",
    told: ["~ trigger audit_events_refuse_change on public.audit_events"],
    needs: "audit chain",
  },
  {
    name: "event trigger's function",
    sql: "ALTER EVENT TRIGGER switched_off ENABLE ALWAYS",
    told: ["~ event_trigger switched_off"],
  },
  { name: "rule missing", sql: "DROP RULE redirect ON simple", told: ["- rule redirect on shop.simple"] },
  {
    name: "policy added",
    sql: "CREATE POLICY all_rows ON orders USING (true)",
    told: ["+ policy all_rows on shop.orders"],
  },
  {
    name: "policy made permissive",
    sql: "UPDATE pg_policy SET polpermissive = true WHERE polname = 'not_secret'",
    told: ["~ policy not_secret on shop.customers"],
  },
  {
    name: "trigger's function",
    sql: "UPDATE pg_trigger SET tgfoid = 'public.audit_events_refuse_change()'::regprocedure WHERE tgname = 'late'",
    told: ["~ trigger late on shop.orders"],
    needs: "audit chain",
  },
  {
    name: "trigger's arguments",
    sql:
      "UPDATE pg_trigger SET tgargs = convert_to('an', 'UTF8') || '\\x00'::bytea || convert_to('other', 'UTF8') || '\\x00'::bytea WHERE tgname = 'changed' AND tgrelid = 'customers'::regclass",
    told: ["~ trigger changed on shop.customers"],
  },
  {
    name: "constraint trigger no longer deferred",
    sql: "UPDATE pg_trigger SET tginitdeferred = false WHERE tgname = 'late'",
    told: ["~ trigger late on shop.orders"],
  },
  {
    name: "event trigger's tags",
    sql: "UPDATE pg_event_trigger SET evttags = '{CREATE TABLE}' WHERE evtname = 'watch_ddl'",
    told: ["~ event_trigger watch_ddl"],
  },
  {
    name: "rule's action",
    sql: "CREATE OR REPLACE RULE notify AS ON DELETE TO orders DO NOTIFY other",
    told: ["~ rule notify on shop.orders"],
  },
  {
    name: "policy's command",
    sql: "UPDATE pg_policy SET polcmd = '*' WHERE polname = 'not_secret'",
    told: ["~ policy not_secret on shop.customers"],
  },
];
