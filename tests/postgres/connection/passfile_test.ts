import assert from "node:assert/strict";
import { join } from "node:path";
import { findPassword, readPasswordFile } from "../../../lib/postgres/connection/passfile.ts";

const wanted = { host: "db1", port: 5432, database: "shop", user: "app" };

async function lookUp(text: string, changes: Partial<typeof wanted> = {}): Promise<string | undefined> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    const { entries } = await readPasswordFile(path);
    return findPassword(entries, { ...wanted, ...changes });
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("passfile: the first line that matches counts", async () => {
  assert.equal(await lookUp("db2:5432:shop:app:no\ndb1:5432:shop:app:first\ndb1:5432:shop:app:second\n"), "first");
});

for (
  const other of [{ host: "db2" }, { port: 5433 }, { database: "shops" }, { user: "ap" }] satisfies Partial<
    typeof wanted
  >[]
) {
  Deno.test(`passfile: a line is not for ${JSON.stringify(other)}`, async () => {
    assert.equal(await lookUp("db1:5432:shop:app:secret", other), undefined);
    assert.equal(await lookUp("*:*:*:*:secret", other), "secret");
  });
}

Deno.test("passfile: backslashes escape colons and themselves, in the password too", async () => {
  assert.equal(await lookUp("a\\:b\\\\:*:*:*:p\\:q\\\\r", { host: "a:b\\" }), "p:q\\r");
});

Deno.test("passfile: an escaped star is a star, not a wildcard", async () => {
  assert.equal(await lookUp("\\*:*:*:*:secret"), undefined);
  assert.equal(await lookUp("\\*:*:*:*:secret", { host: "*" }), "secret");
});

Deno.test("passfile: a password may end with an escaped colon or a lone backslash, and ends at a bare colon", async () => {
  assert.equal(await lookUp("*:*:*:*:secret\\:"), "secret:");
  assert.equal(await lookUp("*:*:*:*:secret\\"), "secret\\");
  assert.equal(await lookUp("*:*:*:*:secret:rest"), "secret");
});

Deno.test("passfile: comments, blank lines, short lines and Windows line ends do no harm", async () => {
  assert.equal(await lookUp("# *:*:*:*:no\r\n\r\nnonsense\r\n*:*:*:*:secret\r\n"), "secret");
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
