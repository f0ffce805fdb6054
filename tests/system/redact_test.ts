import assert from "node:assert/strict";
import { redact, registerSecret } from "../../lib/system/redact.ts";

Deno.test("redact: passwords in URLs and conninfo go, whatever else is there stays", () => {
  assert.equal(
    redact("postgresql://bob:pa%20ss@db1:5432/x?sslmode=require"),
    "postgresql://bob:***@db1:5432/x?sslmode=require",
  );
  assert.equal(redact("postgresql://bob@db1/x"), "postgresql://bob@db1/x");
  assert.equal(redact("host=db1 password=secret user=bob"), "host=db1 password=*** user=bob");
  assert.equal(redact("host=db1 password = 'it\\'s secret' user=bob"), "host=db1 password = *** user=bob");
  assert.equal(redact("at 10:30 user@host wrote: a/b"), "at 10:30 user@host wrote: a/b");
});

Deno.test("redact: registered secrets go wherever they stand, also percent-encoded and as part of one another", () => {
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
