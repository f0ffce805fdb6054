import { columns, sqlGenerator, type SqlType } from "./generated_sql.ts";

const types = Object.keys(columns) as SqlType[];
const columnList = types.flatMap((type) => columns[type].names.map((name) => `${name} ${columns[type].type}`));

/** What generated definitions need. */
export const generatedBase = `
  CREATE TABLE one (${columnList.join(", ")});
  CREATE TABLE two (${columnList.join(", ")});
  CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';`;

/**
 * Statements that each make one object, or a few that belong together; the same for the same seed.
 *
 * Some of them a server refuses: two types that do not meet, a function that is not immutable.
 */
export function generatedDefinitions(seed: number, count: number): string[] {
  const { pick, below, some, constants, expression, query, random } = sqlGenerator(seed);
  const own = [""];
  const any = () => pick(types);
  const element = () => `(${expression(any(), 2, own)})`;
  const makers: ((name: string) => string)[] = [
    (name) => `CREATE VIEW ${name} AS ${query(2)}`,
    (name) => `CREATE VIEW ${name} AS ${query(3)}`,
    (name) => `CREATE MATERIALIZED VIEW ${name} AS ${query(2)} WITH NO DATA`,
    (name) =>
      `ALTER TABLE one ADD CONSTRAINT ${name} CHECK (${expression("bool", 3, own)})${
        pick(["", " NOT VALID", " NO INHERIT"])
      }`,
    (name) => `CREATE POLICY ${name} ON two FOR ${pick(["SELECT", "ALL", "UPDATE"])} USING (${policy()})`,
    (name) => `CREATE POLICY ${name} ON two FOR INSERT WITH CHECK (${policy()})`,
    (name) =>
      `CREATE INDEX ${name} ON ${pick(["one", "two"])} (${some(2, element).join(", ")}) WHERE ${
        expression("bool", 2, own)
      }`,
    (name) => `CREATE STATISTICS ${name} ON ${element()}, ${element()} FROM one`,
    (name) =>
      `CREATE TRIGGER ${name} BEFORE UPDATE ON one FOR EACH ROW WHEN (${
        expression("bool", 2, ["new.", "old."])
      }) EXECUTE FUNCTION touched()`,
    (name) =>
      `CREATE VIEW ${name} AS SELECT * FROM one;
       CREATE RULE ${name}_rule AS ON ${pick(["INSERT", "UPDATE"])} TO ${name} WHERE ${expression("bool", 2, ["new."])}
       DO INSTEAD INSERT INTO two (i, v, x) VALUES (new.i, ${expression("var", 1, ["new."])}, ${
        pick(["NULL", "'x'", "new.x"])
      })`,
    (name) => {
      const list = some(4, (index) => [`c${index}`, any()] as const);
      return `CREATE TABLE ${name} (${
        list.map(([column, type]) => `${column} ${columns[type].type} DEFAULT ${expression(type, 2, [])}`).join(", ")
      })`;
    },
    (name) => {
      const [type, from] = [any(), own];
      return `CREATE TABLE ${name} (${columnList.join(", ")}, g ${columns[type].type} GENERATED ALWAYS AS (${
        expression(type, 2, from)
      }) STORED)`;
    },
    (name) => {
      const type = pick(["int", "var", "num", "date"] as const);
      const base = type === "int" ? "abs(value)" : "value";
      return `CREATE DOMAIN ${name} AS ${columns[type].type} DEFAULT ${constants[type]()} CHECK (${base} ${
        pick(["<>", ">"])
      } ${constants[type]()}) CHECK (value IN (${some(3, constants[type]).join(", ")}))`;
    },
    (name) => {
      const type = pick(["int", "var", "num", "date", "big"] as const);
      const list = [...new Set(some(3, constants[type]))];
      return `CREATE TABLE ${name} (k ${columns[type].type}) PARTITION BY LIST (k);
        CREATE TABLE ${name}_part PARTITION OF ${name} FOR VALUES IN (${
        [...list, ...pick([[], ["NULL"]])].join(", ")
      })`;
    },
    (name) =>
      `CREATE TABLE ${name} (${columnList.join(", ")}) PARTITION BY RANGE ((${expression("int", 2, own)}), i);
       CREATE TABLE ${name}_part PARTITION OF ${name} FOR VALUES FROM (${
        pick(["-10", "MINVALUE", "-3::int"])
      }, -1) TO (${5 + below(9)}, MAXVALUE)`,
    (name) => {
      const list = some(3, (index) => [`p${index}`, any()] as const);
      return `CREATE FUNCTION ${name}(${
        list.map(([p, type]) => `${p} ${columns[type].type} DEFAULT ${expression(type, 2, [])}`).join(", ")
      }) RETURNS int LANGUAGE sql AS 'SELECT 1'`;
    },
    (name) =>
      `CREATE FUNCTION ${name}(i int, v varchar DEFAULT 'x') RETURNS SETOF record LANGUAGE sql BEGIN ATOMIC
         ${
        random() < 0.5
          ? `INSERT INTO two (i, x) SELECT i, ${expression("text", 1, [])} FROM one WHERE one.i = ${name}.i;`
          : ""
      }
         ${query(2)};
       END`,
    (name) => `CREATE FUNCTION ${name}(i int, k int, b bigint) RETURNS bigint LANGUAGE sql RETURN i + k * -1::int - b`,
    (name) =>
      `CREATE PROCEDURE ${name}(k int DEFAULT ${constants.int()}) LANGUAGE sql BEGIN ATOMIC
         UPDATE one SET x = ${expression("text", 2, own)} WHERE ${expression("bool", 2, own)};
         DELETE FROM two WHERE EXISTS (SELECT 'x' FROM one WHERE one.k = two.k);
       END`,
    (name) => `CREATE PUBLICATION ${name} FOR TABLE one WHERE (${expression("bool", 2, own)}), two`,
  ];
  function policy(): string {
    return random() < 0.5
      ? expression("bool", 2, own)
      : `EXISTS (SELECT ${pick(["'x'", "NULL", "-1"])} FROM one AS o WHERE o.i = two.i AND ${
        expression("bool", 2, ["o."])
      })`;
  }
  return Array.from({ length: count }, (_, index) => makers[index % makers.length](`made_${index}`));
}
