import assert from "node:assert/strict";
import { redact, registerName, registerSecret } from "../../lib/system/redact.ts";

Deno.test("redact: passwords in URLs and conninfo go, whatever else is there stays", () => {
  assert.equal(
    redact("postgresql://bob:pa%20ss@db1:5432/x?sslmode=require"),
    "postgresql://bob:***@db1:5432/x?sslmode=require",
  );
  assert.equal(redact("postgresql://bob@db1/x"), "postgresql://bob@db1/x");
  assert.equal(redact("host=db1 password=secret user=bob"), "host=db1 password=*** user=bob");
  assert.equal(redact("host=db1 password = 'it\\'s secret' user=bob"), "host=db1 password = *** user=bob");
  const spellings = [
    "postgresql://u:p/hunter-2@host/db",
    "postgres://u:a?hunter-2@host/db",
    "postgresql://u:a@hunter-2@host/db",
    "postgresql://host/db?pass%77ord=hunter-2",
    'passfile=x password="a hunter-2"',
    '{"password": "hunter-2"}',
    '"password" => "hunter-2"',
    'missing "=" after "hunter-2" in connection info string',
    'could not translate host name "hunter-2@h" to address',
    'invalid port number: "hunter-2"',
  ];
  for (const text of spellings) assert.doesNotMatch(redact(text), /hunter-2/, text);
  const ports = "postgresql://h:5432,h2:5433/db?options=a@b";
  assert.equal(redact(ports), ports);
  assert.equal(redact("at 10:30 user@host wrote: a/b"), "at 10:30 user@host wrote: a/b");
});

Deno.test("redact: registered secrets go wherever they are, also percent-encoded and as part of one another", () => {
  registerSecret("s3cret/word");
  registerSecret("s3cret");
  registerSecret("");
  assert.equal(redact("a s3cret/word, s3cret%2Fword and s3cret."), "a ***, *** and ***.");
  assert.equal(redact("nothing here"), "nothing here");
});

Deno.test("redact: a presigned URL loses what gives access", () => {
  const url =
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA%2F2026&X-Amz-Signature=abc&X-Amz-Security-Token=def&x=1";
  assert.doesNotMatch(redact(url), /AKIA|abc|def/);
  assert.match(redact(url), /x=1$/);
});

Deno.test("redact: a word that is not a secret in its place stays", async (t) => {
  await t.step("short values, words of our messages and names", () => {
    for (const secret of ["s", "re", "tor", "1234", "shop", "restore", "Postgres"]) registerSecret(secret);
    registerName("ledger");
    registerSecret("ledger");
    for (const text of ["restore of shop into ledger failed", "1234 rows", "the role postgres", "s3://tor/re"]) {
      assert.equal(redact(text), text);
    }
  });

  await t.step("but they go where a password is", () => {
    assert.equal(redact("postgresql://shop:shop@h/shop"), "postgresql://shop:***@h/shop");
    assert.equal(redact("host=h password=re dbname=re"), "host=h password=*** dbname=re");
    assert.equal(redact("PASSWORD: 1234, TOKEN=ledger"), "PASSWORD: ***, TOKEN=***");
    assert.equal(redact(`{"secret":"shop","database":"shop"}`), `{"secret":"***","database":"shop"}`);
  });

  await t.step("longer ones go wherever they are alone, the longest even within a word", () => {
    registerSecret("zebra7");
    registerSecret("correcthorse");
    assert.equal(
      redact("zebra7, (zebra7)\\nzebra7 but zebra70 and azebra7"),
      "***, (***)\\n*** but zebra70 and azebra7",
    );
    assert.equal(redact("acorrecthorseb"), "a***b");
  });
});

Deno.test("redact: options of mappings, servers and subscriptions, in every spelling", () => {
  const statements = [
    `CREATE USER MAPPING FOR postgres SERVER s OPTIONS (\n    password 'hunter-2',\n    "user" 'u'\n);`,
    `create user mapping for u server s options(user 'u', password 'it''s hunter-2; )');`,
    `ALTER USER MAPPING FOR u SERVER s OPTIONS (SET "password" E'hun\\'hunter-2', ADD x $$hunter-2$$)`,
    `CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (aws_key 'a', "a)b" 'hunter-2')`,
    `ALTER SERVER s OPTIONS (SET passfile U&'hunter-2')`,
    `CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (program 'curl -u x:hunter-2 h')`,
    `CREATE SUBSCRIPTION s CONNECTION 'host=h password=''a hunter-2'' user=u' PUBLICATION p`,
    `ALTER SUBSCRIPTION s CONNECTION E'host=h password=\\'hunter-2\\''`,
    `alter subscription s connection $c$host=h password=hunter-2$c$;`,
    `CREATE ROLE r LOGIN ENCRYPTED PASSWORD 'hunter-2';`,
    `ALTER ROLE r PASSWORD U&'hunter-2'`,
    `LINE 1: ...tgres SERVER s OPTIONS (password 'x', u 'y hunter-2`,
    `LINE 1: ...unter-2', "user" 'hunter-2')`,
    `LINE 3: SELECT dblink('password hunter-2', 'x`,
    `SELECT dblink_connect('host=h password=hunter-2')`,
    `SELECT dblink_connect('host=h password=''my hunter-2''')`,
    `CREATE USER MAPPING FOR u SERVER s OPTIONS (password 'hunter-2`,
    `Command was: INSERT INTO public.t VALUES (1, 'a;\n hunter-2'), (2, E'\\'hunter-2');`,
    `CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS /* a */ -- b\n (u $é$a)$é$, p 'hunter-2')`,
    `CREATE SUBSCRIPTION s CONNECTION/* a */'host=h hunter-2'`,
    `CREATE SUBSCRIPTION s CONNECTION -- a\n 'host=h hunter-2'`,
    `ALTER ROLE r PASSWORD'hunter-2'`,
    `ALTER ROLE r PASSWORD /* a */ $é$hunter-2$é$`,
    `INSERT INTO "a;'b" (c) OVERRIDING SYSTEM VALUE VALUES ('hunter-2')`,
  ];
  for (const statement of statements) {
    const text = `before\n${statement}\nafter`;
    assert.doesNotMatch(redact(text), /hunter-2/, statement);
    assert.match(redact(text), /^before\n(CREATE|ALTER|LINE|SELECT|Command was: INSERT|INSERT)/i);
  }
  const harmless = "The options (--from and --to) go together; COPY OPTIONS (x) and the connection 'x' is lost";
  assert.equal(redact(harmless), harmless.replace("'x'", "'***'"));
  assert.equal(
    redact("CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h');\nCREATE TABLE t (a text DEFAULT 'x');"),
    "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (***);\nCREATE TABLE t (a text DEFAULT 'x');",
  );
});

Deno.test("redact: rows that a server quotes go, what else it says stays", () => {
  const said = [
    [
      'pg_restore: error: COPY failed for table "p": ERROR:  new row for relation "p" violates check constraint "c"\n' +
      'DETAIL:  Failing row contains (1, 123-45-6789, a) b\nc).\nCONTEXT:  COPY p, line 1: "1\t123-45-6789"\nHINT:  No.',
      'pg_restore: error: COPY failed for table "p": ERROR:  new row for relation "p" violates check constraint "c"\n' +
      "DETAIL:  Failing row contains (***).\nCONTEXT:  COPY p, line 1: ***\nHINT:  No.",
    ],
    [
      'ERROR:  could not create unique index "u"\nDETAIL:  Key (ssn, lower(a))=(123-45-6789, (x)) is duplicated.',
      'ERROR:  could not create unique index "u"\nDETAIL:  Key (ssn, lower(a))=(***) is duplicated.',
    ],
    [
      "DETAIL:  Key (r)=([1,123-45-6789)) conflicts with existing key (r)=([0,123-45-6789)).",
      "DETAIL:  Key (r)=(***) conflicts with existing key (r)=(***).",
    ],
    [
      'Key (a)=(123-45-6789) is not present in table "t".\nCommand was: ALTER TABLE ONLY public.u\n    ADD (x);',
      'Key (a)=(***) is not present in table "t".\nCommand was: ALTER TABLE ONLY public.u\n    ADD (x);',
    ],
    [
      'ERROR:  no partition of relation "p" found for row\nDETAIL:  Partition key of the failing row contains (a) = (123-45-6789).',
      'ERROR:  no partition of relation "p" found for row\nDETAIL:  Partition key of the failing row contains (a) = (***).',
    ],
    [
      'psql:x.sql:7: ERROR:  invalid input syntax for type integer: "123-45-6789"\nCONTEXT:  COPY t, line 2, column a: "123-45-6789"',
      'psql:x.sql:7: ERROR:  invalid input syntax for type integer: "***"\nCONTEXT:  COPY t, line 2, column a: ***',
    ],
    [
      "FEHLER:  x\nDETAIL:  Fehlgeschlagene Zeile enthält (1, 123-45-6789).\nCONTEXT:  COPY t, Zeile 1, Spalte a: »123-45-6789«",
      "FEHLER:  x\nDETAIL:  Fehlgeschlagene Zeile enthält (***).\nCONTEXT:  COPY t, Zeile 1, Spalte a: ***",
    ],
    [
      'ERROR:  invalid input value for enum "a b": "123-45-6789"\nERROR:  value "123456789" is out of range for type integer',
      'ERROR:  invalid input value for enum "a b": "***"\nERROR:  value "***" is out of range for type integer',
    ],
    [
      'ERROR:  invalid input syntax for type json\nDETAIL:  Token "123-45-6789" is invalid.\nCONTEXT:  JSON data, line 1: {123-45-6789...\nCOPY t, line 1, column a: "{123-45-6789"',
      'ERROR:  invalid input syntax for type json\nDETAIL:  Token "***" is invalid.\nCONTEXT:  JSON data, line 1: ***',
    ],
    [
      "ERROR:  x\nCONTEXT:  SQL statement \"INSERT INTO t VALUES ('123-45-6789')\"\nPL/pgSQL function f() line 3 at EXECUTE",
      'ERROR:  x\nCONTEXT:  SQL statement "INSERT INTO t VALUES (***)"\nPL/pgSQL function f() line 3 at EXECUTE',
    ],
    [
      "ERROR:  syntax error at or near \"'123-45-6789'\"\nLINE 1: SELECT '123-45-6789'",
      "ERROR:  syntax error at or near \"***\"\nLINE 1: SELECT '***'",
    ],
    ['ERROR:  syntax error at or near "FROM"', 'ERROR:  syntax error at or near "FROM"'],
    [
      'ERROR:  unterminated quoted string at or near "\'123-45-6789\n"b"',
      'ERROR:  unterminated quoted string at or near "***"',
    ],
    [
      'ERROR:  invalid input syntax for type json\nDETAIL:  Expected end of input, but found "123-45-6789".',
      'ERROR:  invalid input syntax for type json\nDETAIL:  Expected end of input, but found "***".',
    ],
    [
      "ERROR:  invalid XML content\nDETAIL:  line 1: Start tag expected, '<' not found\n123-45-6789\n^\nCONTEXT:  COPY t, line 1, column a: \"123-45-6789\"",
      "ERROR:  invalid XML content\nDETAIL:  line 1: Start tag expected, '<' not found\n***\nCONTEXT:  COPY t, line 1, column a: ***",
    ],
    ['ERROR:  "1e999" is out of range for type real', 'ERROR:  "***" is out of range for type real'],
    ['ERROR:  time zone "123-45-6789" not recognized', 'ERROR:  time zone "***" not recognized'],
    ['ERROR:  syntax error in tsquery: "123-45-6789 &"', 'ERROR:  syntax error in tsquery: "***"'],
    ['ERROR:  invalid locale name: "de_DE.utf8"', 'ERROR:  invalid locale name: "de_DE.utf8"'],
    ["Command was: COPY t FROM stdin;\n123-45-6789\n\\.\n", "Command was: COPY t FROM stdin;\n***\n\\.\n"],
  ];
  for (const [text, expected] of said) assert.equal(redact(text), expected);
});

Deno.test("redact: rows that a server quotes in another language go, too", () => {
  const said = [
    "d.sql:2: ERROR:  ungültige Eingabesyntax für Typ integer: »zwei«\n",
    "pg_restore: error: could not execute query: FEHLER:  Wert »99999999999« ist außerhalb des Bereichs\n",
    "ERROR:  syntaxe en entrée invalide pour le type integer : « zwei »\n",
    "ERROR:  la sintaxis de entrada no es válida para tipo integer: «zwei»\n",
    'ОШИБКА:  неверный синтаксис для типа integer: "zwei"\n',
    'The server refused: 型integerの入力構文が不正です: "zwei" (SQLSTATE 22P02).',
    "FEHLER:  ungültiger Wert >>zwei und drei<< für Typ",
  ];
  for (const text of said) {
    assert.doesNotMatch(redact(text), /zwei|99999/, text);
    assert.match(redact(text), /\*\*\*/, text);
  }
  for (
    const text of [
      "ERROR:  Relation »nosuch« existiert nicht\n",
      "CHECK (note <> '„hallo Welt“')",
      "a >> 2 AND b << 3",
      "The server refused: la relation « public.t » n'existe pas (SQLSTATE 42P01).",
    ]
  ) assert.equal(redact(text), text);
});

Deno.test("redact: a password in prose, and pieces of options that a user gave, go", () => {
  const said = [
    ["login as bob, password: hunter-2 failed", "login as bob, password: *** failed"],
    ["Token:\thunter-2; secret: hunter-2, x", "Token:\t***; secret: ***, x"],
    ['ERROR:  invalid option "hunter-2"\nHINT:  Valid: a, b', 'ERROR:  invalid option "***"\nHINT:  Valid: a, b'],
    ['invalid connection option "hunter-2"', 'invalid connection option "***"'],
    [
      'ERROR:  invalid connection string syntax: missing "=" after "hunter-2" in connection info string',
      'ERROR:  invalid connection string syntax: missing "=" after "***" in connection info string',
    ],
    ['invalid percent-encoded token: "hunter%2"', 'invalid percent-encoded token: "***"'],
    ['invalid URI query parameter: "hunter-2"', 'invalid URI query parameter: "***"'],
  ];
  for (const [text, redacted] of said) assert.equal(redact(text), redacted);
  const harmless = [
    "The password file ~/.pgpass is not a plain file.",
    "unrecognized option '--x'",
    'password authentication failed for user "bob"',
    "a secret:// address",
  ];
  for (const text of harmless) assert.equal(redact(text), text);
});
