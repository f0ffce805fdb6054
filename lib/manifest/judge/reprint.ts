import type { Sql } from "../../postgres/connection/connect.ts";
import { parseSql, writeSql } from "../definitions/sql_tree.ts";
import { nameRange } from "./names.ts";
import type { Printed } from "./printed.ts";

/** No server printed this: a manifest was edited. */
export class NotPrintedError extends Error {}

/**
 * Lets the server parse what a server printed, and print it again.
 *
 * It makes a temporary object that is never used, so nothing of the user's runs: a view is not read, a rule has no table
 * with rows, and a routine is not called. Each is one command, which the extended protocol keeps to one.
 *
 * @param sql Inside a savepoint that is rolled back.
 * @throws The server's error where it cannot parse this.
 */
export async function reprint(sql: Sql, printed: Printed): Promise<Printed> {
  switch (printed.kind) {
    case "query":
      return { ...printed, sql: await viewOf(sql, printed.sql.replace(/;\s*$/, "")) };
    case "expression": {
      const from = printed.from === undefined ? "" : ` FROM ${printed.from}`;
      // A view keeps the query: what an expression means it says only together with its FROM clause.
      return { kind: "query", sql: await viewOf(sql, `SELECT (${printed.sql}) AS judged${from}`) };
    }
    case "rule":
      return { ...printed, sql: await ruleOf(sql, printed.sql) };
    case "routine":
      return { ...printed, sql: await routineOf(sql, printed.sql) };
    case "locale":
      return { ...printed, sql: await localeOf(sql, printed.sql) };
  }
}

const temporary = "pg_temp.pgrehearse_judged";

async function viewOf(sql: Sql, query: string): Promise<string> {
  await run(sql, `CREATE VIEW ${temporary} AS ${query}`);
  return await text(sql, `SELECT pg_get_viewdef('${temporary}'::regclass) AS text`);
}

async function ruleOf(sql: Sql, rule: string): Promise<string> {
  const nodes = parseSql(rule);
  const [begin, end] = nameRange(nodes, nodes.indexOf("TO") + 1);
  const table = nodes.slice(begin, end);
  const on = (name: string) => writeSql([...nodes.slice(0, begin), name, ...nodes.slice(end)]);
  if (!rule.startsWith("CREATE RULE ") || begin === 0) throw new NotPrintedError("not a rule");
  await run(sql, `CREATE TEMPORARY TABLE pgrehearse_judged (LIKE ${writeSql(table)})`);
  await run(sql, on(temporary));
  const made = parseSql(
    await text(sql, `SELECT pg_get_ruledef(oid) AS text FROM pg_rewrite WHERE ev_class = '${temporary}'::regclass`),
  );
  const [from, to] = nameRange(made, made.indexOf("TO") + 1);
  return writeSql([...made.slice(0, from), ...table, ...made.slice(to, made.lastIndexOf(";"))]);
}

/** Its own name stays, as its arguments may be qualified with it. */
async function routineOf(sql: Sql, routine: string): Promise<string> {
  if (!/^CREATE OR REPLACE (FUNCTION|PROCEDURE) /.test(routine)) throw new NotPrintedError("not a routine");
  const nodes = parseSql(routine);
  const word = nodes.findIndex((node) => node === "FUNCTION" || node === "PROCEDURE");
  const [begin, end] = nameRange(nodes, word + 1);
  const language = nodes.indexOf("LANGUAGE");
  const body = nodes.findIndex((node) => node === "RETURN" || node === "BEGIN");
  if (word < 0 || end - begin !== 3 || language > body || nodes[language + 2] !== "sql") {
    throw new NotPrintedError("not SQL");
  }
  const [schema, dot, name] = nodes.slice(begin, end);
  await run(sql, writeSql(["CREATE ", nodes[word], " pg_temp.", name, ...nodes.slice(end)]));
  const made = parseSql((await text(
    sql,
    "SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE pronamespace = pg_my_temp_schema()",
  )).trimEnd());
  const [from, to] = nameRange(made, made.indexOf(nodes[word]) + 1);
  return writeSql([...made.slice(0, from), schema, dot, name, ...made.slice(to)]);
}

async function localeOf(sql: Sql, locale: string): Promise<string> {
  await run(sql, `CREATE COLLATION ${temporary} (PROVIDER = icu, LOCALE = ${locale})`);
  return await text(
    sql,
    `SELECT quote_literal(coalesce(
       to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', CASE WHEN collprovider <> 'c' THEN collcollate END
     )) AS text
     FROM pg_collation AS c
     WHERE collnamespace = pg_my_temp_schema()`,
  );
}

async function run(sql: Sql, command: string): Promise<void> {
  await sql.unsafe(command, [], { simple: false } as object);
}

async function text(sql: Sql, query: string): Promise<string> {
  const [{ text }] = await sql.unsafe<{ text: string }[]>(query);
  return text;
}
