import assert from "node:assert/strict";
import fc from "fast-check";
import { parseConnectionString } from "../../../lib/postgres/connection/conninfo.ts";
import { ENVIRONMENT_OF, type Keyword, type KeywordValues } from "../../../lib/postgres/connection/libpq_keywords.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";

// What psql 15 makes of each, tried beside it.
const examples: [text: string, values: KeywordValues][] = [
  ["postgres://", {}],
  ["postgresql://db1", { host: "db1" }],
  ["postgres://app:s%3Acret%40@db1:5433/shop", {
    user: "app",
    password: "s:cret@",
    host: "db1",
    port: "5433",
    dbname: "shop",
  }],
  ["postgres://app@/shop", { user: "app", dbname: "shop" }],
  ["postgres://app:@db1", { user: "app", host: "db1" }],
  ["postgres://app:a:b@db1", { user: "app", password: "a:b", host: "db1" }],
  ["postgres://[::1]:5433/shop", { host: "::1", port: "5433", dbname: "shop" }],
  ["postgres://[::1]", { host: "::1" }],
  ["postgres://db1:1,db2,[fe80::1]:3/shop", { host: "db1,db2,fe80::1", port: "1,,3", dbname: "shop" }],
  ["postgres://:5433/shop", { port: "5433", dbname: "shop" }],
  ["postgres:///shop?host=/var/run/postgresql&port=5433", {
    dbname: "shop",
    host: "/var/run/postgresql",
    port: "5433",
  }],
  ["postgres://%2Fvar%2Frun%2Fpostgresql/shop", { host: "/var/run/postgresql", dbname: "shop" }],
  ["postgres://db1?sslmode=verify-full&options=-c%20a.b%3Dc", {
    host: "db1",
    sslmode: "verify-full",
    options: "-c a.b=c",
  }],
  ["postgres://db1/a?dbname=b", { host: "db1", dbname: "b" }],
  ["postgres://db1?ssl=true", { host: "db1", sslmode: "require" }],
  ["postgres://db1/?", { host: "db1" }],
  ["postgres://db1/%E2%82%AC+", { host: "db1", dbname: "€+" }],
  ["host=db1 port = 5433\tdbname=shop\n", { host: "db1", port: "5433", dbname: "shop" }],
  ["  dbname='it\\'s \\\\ quoted'  user=a\\ b", { dbname: "it's \\ quoted", user: "a b" }],
  ["password='' user=a", { password: "", user: "a" }],
  ["user=a user=b", { user: "b" }],
  ["user= dbname=x", { user: "dbname=x" }],
];

for (const [text, values] of examples) {
  Deno.test(`conninfo: ${JSON.stringify(text)} is understood as libpq does`, () => {
    assert.deepEqual(parseConnectionString(text), values);
  });
}

const malformed = [
  "",
  "   ",
  "shop",
  "mysql://u:s3cret@db1/shop",
  "jdbc:postgresql://db1/shop?password=s3cret",
  "postgres://u:p%4@s3cret",
  "postgres://u:s3cret%ZZ@db1",
  "postgres://u:s3cret%00@db1",
  "postgres://u:p@s3cret@db1/shop",
  "postgres://u:12/s3cret@db1/shop",
  "postgres://u:p@[::1/s3cret",
  "postgres://u:p@db1:1:s3cret/shop",
  "postgres://db1?password=s3&cret=1",
  "postgres://db1?password=s3cret=",
  "postgres://db1?s3cret",
  "host=db1 password='s3cret",
  "host=db1 password=my s3cret",
  "host=db1 password=a s3cret=b",
];

for (const text of malformed) {
  Deno.test(`conninfo: ${JSON.stringify(text)} is refused without showing any of it`, () => {
    assert.throws(() => parseConnectionString(text), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.equal(error.code, "BAD_DB_URL");
      assert.doesNotMatch(error.message + error.fix + error.detail, /s3|cret/);
      return true;
    });
  });
}

for (const text of ["postgres://db1?sslmod=require", "host=db1 sslmod=require", "host=db1 SSLMODE=require"]) {
  Deno.test(`conninfo: ${text} is refused with the keyword that was meant`, () => {
    assert.throws(() => parseConnectionString(text), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.fix, /"sslmode"/);
      return true;
    });
  });
}

Deno.test("conninfo: what other drivers understand is named, because it is not a secret", () => {
  assert.throws(() => parseConnectionString("postgres://db1/shop?schema=public"), /"schema"/);
});

// No value without NUL is impossible to write down.
const value = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());
const keywordValues = fc.dictionary(
  fc.constantFrom(...Object.keys(ENVIRONMENT_OF) as Keyword[]),
  value,
  { noNullPrototype: true },
);

Deno.test("conninfo: whatever is written as pairs is read back", () => {
  fc.assert(fc.property(keywordValues, (values) => {
    fc.pre(Object.keys(values).length > 0);
    const text = Object.entries(values)
      .map(([keyword, value]) => `${keyword}='${value.replace(/['\\]/g, "\\$&")}'`).join(" ");
    assert.deepEqual(parseConnectionString(text), values);
  }));
});

Deno.test("conninfo: whatever is written without quotes is read back", () => {
  const filled = fc.dictionary(fc.constantFrom(...Object.keys(ENVIRONMENT_OF) as Keyword[]), value.filter(Boolean), {
    minKeys: 1,
    noNullPrototype: true,
  });
  fc.assert(fc.property(filled, (values) => {
    const text = Object.entries(values)
      .map(([keyword, value]) => `${keyword}=${value.replace(/[\s'\\]/g, "\\$&")}`).join("\n");
    assert.deepEqual(parseConnectionString(text), values);
  }));
});

Deno.test("conninfo: whatever is written as a URL is read back", () => {
  const filled = value.filter(Boolean);
  const host = filled.filter((text) => !text.includes(","));
  fc.assert(fc.property(filled, filled, host, filled, keywordValues, (user, password, host, dbname, query) => {
    const encode = encodeURIComponent;
    const text = `postgresql://${encode(user)}:${encode(password)}@${encode(host)}:5433/${encode(dbname)}?` +
      Object.entries(query).map(([keyword, value]) => `${keyword}=${encode(value)}`).join("&");
    assert.deepEqual(parseConnectionString(text), { user, password, host, port: "5433", dbname, ...query });
  }));
});
