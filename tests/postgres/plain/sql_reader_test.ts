import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { databaseConnectedTo } from "../../../lib/postgres/plain/psql_commands.ts";
import { rolesInStatement } from "../../../lib/postgres/plain/roles_in_sql.ts";
import type { SqlPart } from "../../../lib/postgres/plain/sql_part.ts";
import { makeSqlReader } from "../../../lib/postgres/plain/sql_reader.ts";

/** Takes a dump apart that arrives in pieces of this size, and puts pieces of data together again. */
function read(text: string, pieceBytes = Infinity): (SqlPart | { kind: "within"; text: string })[] {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const reader = makeSqlReader();
  const parts: SqlPart[] = [];
  const take = (given: SqlPart) => {
    const part = given.kind === "data" ? { ...given, bytes: Buffer.from(given.bytes) } : given;
    const last = parts.at(-1);
    if (part.kind !== "data" || last?.kind !== "data") return void parts.push(part);
    parts[parts.length - 1] = { kind: "data", bytes: Buffer.concat([last.bytes, part.bytes]) };
  };
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const part of reader.read(bytes.slice(at, at + pieceBytes), false)) take(part);
  }
  for (const part of reader.read(new Uint8Array(), true)) take(part);
  const within = reader.isWithin();
  return within === undefined ? parts : [...parts, { kind: "within", text: within }];
}

const kindsOf = (text: string) => read(text).map(({ kind }) => kind).join(" ");
const statementsOf = (text: string) =>
  read(text).flatMap((part) => part.kind === "statement" ? Buffer.from(part.bytes).toString("latin1") : []);
const commandsOf = (text: string) => read(text).flatMap((part) => part.kind === "command" ? part.text : []);

/** Everything that a dump may hold with a backslash that is not a command. */
const harmless = String.raw`-- a comment \! ls
/* nested /* \! ls */ ; \! ls */
SELECT 'a''b\', "na;m\e" FROM t; -- behind
SELECT E'a\'b\\', e'\';\\c x', U&'\0041', U&"\0041", B'01', N'\';
SELECT E'one\''
  -- between
  'two\';\! ls';
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '
\connect shop
' || $$ \! $$ $f$;
CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN 1 END; SELECT 2; END;
CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b);
PREPARE p AS SELECT $1$a$;\! $a$, a$b$ FROM t;
COPY t (a, "FROM stdin") FROM stdin WITH (DELIMITER ';');
\! ls
\.x
a\.
\N	\\.
\.
COPY u FROM STDIN;
\.
SET standard_conforming_strings = off;
SELECT 'a\';\! ls', 1;
SET standard_conforming_strings = on;
SELECT 1`.replace("$1$a$;\\! $a$", "$1, $a$;\\! $a$");

Deno.test("plain dumps, taken apart", async (t) => {
  await t.step("text in strings, names, bodies, comments and rows is not a command", () => {
    assert.deepEqual(commandsOf(harmless), []);
    assert.equal(statementsOf(harmless).length, 13);
    assert.deepEqual(statementsOf(harmless).at(-1), "SELECT 1");
  });

  await t.step("it comes to the same wherever a piece of the file ends", () => {
    for (const text of [harmless, harmless.replaceAll("\n", "\r\n")]) {
      const whole = read(text);
      for (const size of [1, 2, 3, 5, 7, 11, 64, 200]) assert.deepEqual(read(text, size), whole, `pieces of ${size}`);
    }
    const pieces = fc.constantFrom(
      ..."'\"\\$;-/*\n\r .aeEuU&(){}c!|`\t".split(""),
      "$$",
      "$a$",
      "--",
      "/*",
      "*/",
      "\\.\n",
      "\nCOPY t FROM stdin;\n",
      "E'",
      "''",
      "BEGIN ATOMIC",
      "CREATE FUNCTION ",
      "SET standard_conforming_strings = off;",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (tokens, size) => {
        const text = tokens.join("");
        const attempt = (pieceBytes?: number) => {
          try {
            return read(text, pieceBytes);
          } catch (error) {
            return (error as Error).message;
          }
        };
        assert.deepEqual(attempt(size), attempt());
      }),
      { numRuns: 3000 },
    );
  });

  await t.step("a command is seen wherever psql would obey it", () => {
    for (
      const text of [
        "\\! ls",
        "  \\! ls",
        "\t\\! ls\r\n",
        "SELECT 1; \\! ls",
        "SELECT 1 \\! ls",
        "SELECT (1 \\! ls",
        "\r\\! ls",
        "-- a comment\r\\! ls",
        "/* a */\\! ls",
        "SELECT 'a' \\! ls",
        "SELECT 'a\\' \\! ls",
        "SELECT $$a$$ \\! ls",
        "SELECT E'\\\\' \\! ls",
        "COPY t FROM stdin;\n\\.\n\\! ls",
        "COPY t FROM stdin;\r\n1\r\n\\.\r\n\\! ls",
        "COPY (SELECT ' FROM stdin') TO stdout;\n\\! ls",
        "COPY t TO 'x FROM stdin';\n\\! ls",
        'SELECT "a\\" \\! ls',
        "SET standard_conforming_strings = off; SELECT 'a\\''; \\! ls",
        "SELECT E'a'\n'\\'' \\! ls",
      ]
    ) {
      assert.deepEqual(commandsOf(text), ["\\! ls"], JSON.stringify(text));
      for (const part of read(text)) {
        if (part.kind !== "command") continue;
        assert.throws(() => databaseConnectedTo(part, "x.sql"), { code: "DUMP_RUNS_COMMANDS" });
      }
    }
  });

  await t.step("only what changes nothing is passed over, and only where it is alone in its line", () => {
    const judge = (text: string) => {
      const [part] = read(text).filter(({ kind }) => kind === "command");
      try {
        return databaseConnectedTo(part as never, "x.sql");
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const kept = ["\\restrict aZ9", "\\unrestrict aZ9", "\\.", "\\set ON_ERROR_STOP on", "\\echo done", "\\timing off"];
    for (const text of kept) assert.equal(judge(text), undefined, text);
    const refused = [
      "SELECT 1; \\restrict a",
      "\\echo `ls`",
      "\\set x `ls`",
      "\\set ON_ERROR_STOP `ls`",
      "\\echo a \\\\ \\! ls",
      "\\i x.sql",
      "\\ir x.sql",
      "\\o |ls",
      "\\g |ls",
      "\\gexec",
      "\\if true",
      "\\copy t from program 'ls'",
      "\\copy t from stdin",
      "\\q",
      "\\encoding LATIN1",
      "\\restricted",
      "\\password",
      "\\prompt x",
      "\\setenv A b",
      "\\;",
      "\\",
    ];
    for (const text of refused) assert.equal(judge(text), "DUMP_RUNS_COMMANDS", text);
    assert.equal(judge("\\connect shop"), "shop");
    assert.equal(judge("\\connect Shop"), "Shop"); // psql folds nothing here
    assert.equal(judge('\\connect "a ""b"""'), 'a "b"');
    assert.equal(judge(`\\connect -reuse-previous=on "dbname='my \\'shop'"`), "my 'shop");
    for (const text of ["\\c", "\\c - alice", "\\c shop alice", "\\c shop - host", "SELECT 1; \\c shop", "\\c 'a'"]) {
      assert.equal(judge(text), "DUMP_CONNECTS_ELSEWHERE", text);
    }
    assert.equal(judge("\\c `ls`"), "DUMP_CONNECTS_ELSEWHERE");
  });

  await t.step("where a dump ends too early is told", () => {
    const within = (text: string) => read(text).find((part) => part.kind === "within")?.text;
    assert.equal(within("SELECT 1;\nCOPY t FROM stdin;\n1\n"), "the rows of a COPY");
    assert.equal(within("COPY t FROM stdin;"), "the rows of a COPY");
    assert.equal(within("SELECT 'a"), "a string");
    assert.equal(within("SELECT $a$ b $b$"), "a function's body");
    assert.equal(within('SELECT "a'), "a name");
    assert.equal(within("/* a"), "a comment");
    assert.equal(within("SELECT (1"), "a statement");
    assert.equal(within("SELECT 1; SELECT 2"), undefined);
    assert.equal(kindsOf("COPY t FROM stdin;\n1\n\\."), "statement data data_end");
  });

  await t.step("a backslash that is half a character hides no quote, and a quote in one ends nothing", () => {
    // In Shift JIS, 0x83 0x5c is one character.
    const text = "SET client_encoding = 'SJIS';\nSELECT E'\x83\x5c'; SELECT 2";
    assert.deepEqual(statementsOf(text).slice(1), ["SELECT E'\x83\x5c'", "SELECT 2"]);
    for (const size of [1, 2, 3]) assert.deepEqual(read(text, size), read(text));
  });

  await t.step("roles are found wherever a statement names them", () => {
    const roles = (text: string) => {
      const [part] = read(text);
      return part.kind === "statement" ? rolesInStatement(part.text) : [];
    };
    assert.deepEqual(roles("ALTER TABLE a\n OWNER to owner_one"), ["owner_one"]);
    assert.deepEqual(roles('GRANT SELECT ON TABLE t TO Reader, "Odd; ""Role"""'), ["reader", 'Odd; "Role"']);
    assert.deepEqual(roles("GRANT ALL ON t TO a WITH GRANT OPTION GRANTED BY b"), ["a", "b"]);
    assert.deepEqual(roles("ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT ALL ON TABLES TO b"), ["a", "b"]);
    assert.deepEqual(roles("CREATE POLICY p ON t FOR ALL TO a, b USING ((x = 'TO c'))"), ["a", "b"]);
    assert.deepEqual(roles("CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'x')"), ["a"]);
    assert.deepEqual(roles("SET SESSION AUTHORIZATION 'a'"), ["a"]);
    assert.deepEqual(roles("SET SESSION AUTHORIZATION DEFAULT"), []);
    assert.deepEqual(roles("CREATE SCHEMA IF NOT EXISTS app\n AUTHORIZATION app_owner"), ["app_owner"]);
    assert.deepEqual(roles("REVOKE USAGE ON SCHEMA public FROM PUBLIC"), []);
    assert.deepEqual(roles("CREATE TABLE t (a text DEFAULT 'GRANT x TO y')"), []);
  });
});
