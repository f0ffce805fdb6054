import assert from "node:assert/strict";
import { openStore } from "../../../lib/storage/open_store.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";
import { startS3Server } from "../../support/s3_server.ts";

Deno.test("s3: any key goes to the server as it is, but for . and .. which are resolved on the way", async () => {
  await using server = await startS3Server();
  for (const [name, value] of Object.entries(server.env)) Deno.env.set(name, value);
  const store = await openStore("s3://backups/keys", { endpoint: server.endpoint });
  server.inject(() => ({ xml: "", headers: { "content-length": "3", etag: '"e"' } })); // s3rver itself knows no such keys
  for (const key of ["a//b", "/a", "a/", "a b+c%41&é?x#y"]) {
    assert.equal((await store.stat(key))!.etag, "e");
    assert.equal(server.requests.at(-1)!.path, `/backups/keys/${key}`);
  }
  for (const key of ["", "..", "a/../b", "./a"]) {
    const isRefused = (error: unknown) => error instanceof OperatorError && error.code === "UNSAFE_NAME";
    await assert.rejects(async () => await store.stat(key), isRefused, key);
  }
  const entry = "<Key>keys/a%01b+c%2B%25</Key><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified>";
  server.inject(() => ({
    xml: `<ListBucketResult><EncodingType>url</EncodingType><Contents>${entry}</Contents></ListBucketResult>`,
  }));
  assert.deepEqual(await Array.fromAsync(store.list(), ({ name }) => name), ["a\x01b c+%"]);
  await store.close();
});
