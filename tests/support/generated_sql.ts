import { seededRandom } from "./random.ts";

export type SqlType =
  | "int"
  | "big"
  | "num"
  | "text"
  | "var"
  | "char"
  | "bool"
  | "date"
  | "stamp"
  | "span"
  | "ints"
  | "vars";

/** What each type is called, and the columns that every generated table has of it. */
export const columns: Record<SqlType, { type: string; names: string[] }> = {
  int: { type: "integer", names: ["i", "k"] },
  big: { type: "bigint", names: ["b"] },
  num: { type: "numeric(10,2)", names: ["n"] },
  text: { type: "text", names: ["x", "y"] },
  var: { type: "character varying(10)", names: ["v", "w"] },
  char: { type: "character(3)", names: ["c"] },
  bool: { type: "boolean", names: ["t", '"json"'] },
  date: { type: "date", names: ["d"] },
  stamp: { type: "timestamp without time zone", names: ["s"] },
  span: { type: "interval", names: ["p"] },
  ints: { type: "integer[]", names: ["a"] },
  vars: { type: "character varying[]", names: ["z"] },
};

const types = Object.keys(columns) as SqlType[];

/** Makes up SQL as people write it, with what Postgres is known to print otherwise: the same for the same seed. */
export function sqlGenerator(seed: number) {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)];
  const some = <T>(most: number, make: (index: number) => T) =>
    Array.from({ length: 1 + below(most) }, (_, i) => make(i));

  const constants: Record<SqlType, () => string> = {
    int: () =>
      pick(["1", "-1", "-1::int", "(-7)::int", "'3'::int", "0", "-90::integer", "+4", "- 2147483648", "1e2::int"]),
    big: () => pick(["1", "-5::bigint", "9223372036854775807", "-9223372036854775808", "7::int8"]),
    num: () => pick(["1", "-1.5", "-1.5::numeric(5,2)", "2.50", "'3.10'::numeric", "-0.0", "1e3"]),
    text: () =>
      pick(["'a'", "'it''s'", "'x'::text", "E'a\\\\b'", "'q'::varchar", "'-1'", "'a'::char(3)", "''", "U&'\\00e4'"]),
    var: () => pick(["'a'", "'b'::varchar", "'long'::varchar(3)", "'c'::text"]),
    char: () => pick(["'a'", "'b'::char(3)", "'c'::bpchar"]),
    bool: () => pick(["true", "false", "'t'", "'off'::bool"]),
    date: () => pick(["'2020-01-01'", "date '2021-02-03'", "'infinity'::date"]),
    stamp: () => pick(["'2020-01-01'", "timestamp '2021-02-03 04:05:06.7'", "'2020-01-01 10:00'::timestamp(0)"]),
    span: () => pick(["'1 day'", "interval '1 month 2 days'", "'90'::interval minute", "-'1 hour'::interval"]),
    ints: () => pick(["'{1,2}'", "array[1, -2]", "'{}'::int[]", "array[-1::int]", "array[]::int[]"]),
    vars: () => pick(["'{a,b}'", "array['a','b']", "array['a'::varchar]", "'{}'::varchar[]"]),
  };

  /** An expression of a type; without names it has constants only. */
  function expression(type: SqlType, depth: number, names: string[]): string {
    const column = () => {
      const own = columns[type].names;
      return names.length === 0 ? constants[type]() : pick(names) + pick(own);
    };
    if (depth <= 0 || random() < 0.2) return random() < 0.35 ? constants[type]() : random() < 0.06 ? "NULL" : column();
    const one = (of: SqlType) => expression(of, depth - 1, names);
    const general = [
      () => `coalesce(${one(type)}, ${one(type)})`,
      () => `CASE WHEN ${one("bool")} THEN ${one(type)} ELSE ${pick([one(type), "NULL"])} END`,
      () => `CASE ${one("int")} WHEN ${constants.int()} THEN ${one(type)} WHEN -2 THEN ${one(type)} END`,
      () => `nullif(${one(type)}, ${one(type)})`,
      () => `(${one(type)})::${columns[type].type}`,
    ];
    const special: Record<SqlType, (() => string)[]> = {
      int: [
        () => `${one("int")} ${pick(["+", "-", "*"])} ${one("int")}`,
        () => `-${pick(["(", " ("])}${one("int")})`,
        () => `length(${one("text")})`,
        () => `extract(year from ${one("stamp")})::int`,
        () => `position(${one("text")} in ${one("text")})`,
        () => `(${one("ints")})[1]`,
        () => `abs(${one("int")})`,
        () => `greatest(${one("int")}, ${constants.int()})`,
        () => `-1::int + ${one("int")}`,
      ],
      big: [() => `${one("big")} + ${one("int")}`, () => `- (${one("big")})`, () => `${one("big")} % 7`],
      num: [
        () => `${one("num")} * ${one("int")}`,
        () => `round(${one("num")}, 1)`,
        () => `extract(epoch from ${one("stamp")})`,
        () => `-${constants.num().replace("-", "")} + ${one("num")}`,
      ],
      text: [
        () => `${one("text")} || ${one("var")}`,
        () => `lower(${one("var")})`,
        () => `substring(${one("text")} from 1 for 2)`,
        () => `trim(both 'x' from ${one("text")})`,
        () => `overlay(${one("text")} placing 'q' from 2)`,
        () => `${one("text")} COLLATE "C"`,
        () => `(${one("int")})::text`,
        () => `concat_ws(',', ${one("text")}, ${one("var")})`,
      ],
      var: [() => `upper(${one("var")})::varchar`, () => `(${one("vars")})[1]`, () => `${one("text")}::varchar(5)`],
      char: [() => `(${one("var")})::char(3)`],
      bool: [
        () => `${one("int")} ${pick(["=", "<>", "<", ">=", "!="])} ${one(pick(["int", "big", "num"]))}`,
        () => `${one("var")} IN (${some(3, () => constants.var()).join(", ")})`,
        () => `${one("char")} NOT IN ('x', ${constants.char()})`,
        () => `${one("int")} IN (${some(3, () => constants.int()).join(", ")})`,
        () => `${one("num")} BETWEEN ${constants.num()} AND ${one("num")}`,
        () => `${one("int")} NOT BETWEEN SYMMETRIC -1::int AND ${one("int")}`,
        () => `${one("bool")} ${pick(["AND", "OR"])} ${one("bool")} ${pick(["AND", "OR"])} ${one("bool")}`,
        () => `(${one("bool")} ${pick(["AND", "OR"])} ${one("bool")}) AND ${one("bool")}`,
        () => `NOT ${one("bool")}`,
        () => `${one("text")} ${pick(["LIKE", "ILIKE", "NOT LIKE", "SIMILAR TO", "~", "!~*"])} 'a%'`,
        () => `${one("text")} LIKE 'a\\%' ESCAPE '\\'`,
        () => `${one("var")} = ANY (${one("vars")})`,
        () => `${one("text")} LIKE ANY (array['a%', 'b%'])`,
        () => `${one("int")} <> ALL (array[-1::int, 2])`,
        () => `${one("text")} IS ${pick(["", "NOT "])}DISTINCT FROM ${one("var")}`,
        () => `${one("date")} ${pick(["<", "="])} ${one("stamp")}`,
        () => `(${one("int")}, ${one("var")}) ${pick(["=", "<", "IN"])} ((${constants.int()}, 'a'))`,
        () => `${one("bool")} IS ${pick(["TRUE", "NOT FALSE", "UNKNOWN", "NULL", "NOT NULL"])}`,
        () => `(${one("date")}, ${one("date")}) OVERLAPS (${one("date")}, ${one("date")})`,
        () => `${one("ints")} @> ${constants.ints()}`,
      ],
      date: [() => `${one("date")} + ${one("int")}`, () => `(${one("stamp")})::date`],
      stamp: [
        () => `date_trunc('day', ${one("stamp")})`,
        () => `${one("stamp")} + ${one("span")}`,
        () => `${one("date")} - ${one("span")}`,
        () => `(${one("stamp")} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`,
      ],
      span: [() => `${one("span")} * ${one("int")}`, () => `${one("stamp")} - ${one("stamp")}`],
      ints: [() => `${one("ints")} || ${one("int")}`, () => `array[${one("int")}, -1::int]`],
      vars: [() => `array[${one("var")}, 'x']`, () => `string_to_array(${one("text")}, ',')`],
    };
    return `(${pick(random() < 0.75 ? special[type] : general)()})`;
  }

  /** A query whose columns have these types, or any. */
  function query(depth: number, wanted = some(3, () => pick(types)), outer: string[] = []): string {
    const form = depth <= 0 ? 0 : below(9);
    const again = () => query(depth - 1, wanted, outer);
    const parenthesised = (sql: string) => `(${sql})`;
    if (form === 1) return `${again()} ${pick(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])} ${constantRow(wanted)}`;
    if (form === 2) return `${constantRow(wanted)} UNION ALL ${again()}`;
    if (form === 3) return `WITH q AS (${again()}) SELECT * FROM q`;
    if (form === 4) {
      return `SELECT * FROM ${parenthesised(`${again()} UNION SELECT ${wanted.map(() => "NULL").join(", ")}`)} AS u`;
    }
    const relations = some(depth > 0 ? 2 : 1, (index) => `r${depth}${index}`);
    const names = [...relations.map((name) => `${name}.`), ...outer];
    const on = () => expression("bool", 1, names);
    const from = relations.map((name, index) =>
      index === 0 ? `one AS ${name}` : ` ${pick(["JOIN", "LEFT JOIN", "FULL JOIN"])} two AS ${name} ON ${on()}`
    ).join("");
    const list = wanted.map((type, index) => `${expression(type, depth, names)} AS o${index}`);
    const subquery = () => query(depth - 1, [pick(["int", "var", "date"])], names);
    const conditions: (() => string)[] = [
      () => expression("bool", depth + 1, names),
      () =>
        `EXISTS (SELECT ${pick(["1", "'x'", "NULL", "-1", "true"])} FROM two AS e WHERE ${
          expression("bool", 1, ["e.", ...names])
        })`,
      () => `${expression("int", 1, names)} ${pick(["IN", "NOT IN"])} (${query(depth - 1, ["int"], names)})`,
      () => `${expression("var", 1, names)} = ANY (ARRAY(SELECT ${pick(["'x'", "v"])} FROM one))`,
      () => `(SELECT ${pick(["'none'", "max(x)", "NULL"])} FROM two) ${pick(["=", "<>"])} 'a'`,
      () => `EXISTS (${subquery()})`,
    ];
    const where = random() < 0.6 ? ` WHERE ${pick(depth > 0 ? conditions : conditions.slice(0, 1))()}` : "";
    if (form === 5) return `SELECT DISTINCT ${list.join(", ")} FROM ${from}${where}`;
    if (form === 6) {
      const grouped = wanted.map((type, index) =>
        index === 0
          ? `count(*) FILTER (WHERE ${on()}) OVER (PARTITION BY ${expression("var", 1, names)})`
          : `${expression(type, 1, names)}`
      );
      return `SELECT ${
        grouped.map((sql, index) => `(${sql})::${columns[wanted[index]].type} AS o${index}`).join(", ")
      } FROM ${from}${where}`;
    }
    const ending = random() < 0.2 ? ` ORDER BY 1${pick(["", " DESC NULLS LAST"])} LIMIT ${pick(["5", "(2 + 1)"])}` : "";
    return ending
      ? parenthesised(`SELECT ${list.join(", ")} FROM ${from}${where}${ending}`)
      : `SELECT ${list.join(", ")} FROM ${from}${where}`;
  }

  function constantRow(wanted: SqlType[]): string {
    return `SELECT ${wanted.map((type) => random() < 0.25 ? "NULL" : constants[type]()).join(", ")}`;
  }

  return { random, below, pick, some, constants, expression, query };
}
