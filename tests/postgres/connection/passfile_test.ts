import assert from "node:assert/strict";
import { join } from "node:path";
import { findPassword, parsePasswordFile, readPasswordFile } from "../../../lib/postgres/connection/passfile.ts";

const wanted = { host: "db1", port: 5432, database: "shop", user: "app" };

function lookUp(text: string, changes: Partial<typeof wanted> = {}): string | undefined {
  return findPassword(parsePasswordFile(text), { ...wanted, ...changes });
}

Deno.test("passfile: the first line that matches counts", () => {
  assert.equal(lookUp("db2:5432:shop:app:no\ndb1:5432:shop:app:first\ndb1:5432:shop:app:second\n"), "first");
});

for (
  const other of [{ host: "db2" }, { port: 5433 }, { database: "shops" }, { user: "ap" }] satisfies Partial<
    typeof wanted
  >[]
) {
  Deno.test(`passfile: a line is not for ${JSON.stringify(other)}`, () => {
    assert.equal(lookUp("db1:5432:shop:app:secret", other), undefined);
    assert.equal(lookUp("*:*:*:*:secret", other), "secret");
  });
}

Deno.test("passfile: backslashes escape colons and themselves, in the password too", () => {
  assert.equal(lookUp("a\\:b\\\\:*:*:*:p\\:q\\\\r", { host: "a:b\\" }), "p:q\\r");
});

Deno.test("passfile: an escaped star is a star, not a wildcard", () => {
  assert.equal(lookUp("\\*:*:*:*:secret"), undefined);
  assert.equal(lookUp("\\*:*:*:*:secret", { host: "*" }), "secret");
});

Deno.test("passfile: a password may end with an escaped colon or a lone backslash, and ends at a bare colon", () => {
  assert.equal(lookUp("*:*:*:*:secret\\:"), "secret:");
  assert.equal(lookUp("*:*:*:*:secret\\"), "secret\\");
  assert.equal(lookUp("*:*:*:*:secret:rest"), "secret");
});

Deno.test("passfile: comments, blank lines, short lines and Windows line ends do no harm", () => {
  assert.equal(lookUp("# *:*:*:*:no\r\n\r\nnonsense\r\n*:*:*:*:secret\r\n"), "secret");
});

Deno.test("passfile: a file that others may read is ignored with a warning", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = join(directory, "pgpass");
    await Deno.writeTextFile(path, "*:*:*:*:secret\n", { mode: 0o600 });
    assert.equal((await readPasswordFile(path)).entries.length, 1);
    for (const mode of [0o640, 0o604, 0o620]) {
      await Deno.chmod(path, mode);
      const { entries, warning } = await readPasswordFile(path);
      assert.deepEqual(entries, []);
      assert.match(warning!, /chmod 0600/);
    }
    assert.match((await readPasswordFile(directory)).warning!, /not a plain file/);
    assert.deepEqual(await readPasswordFile(join(directory, "missing")), { entries: [] });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
