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

Deno.test("s3: a prefix may have what S3 allows, but no . or .., and no further slash at its end", async () => {
  await using server = await startS3Server();
  for (const [name, value] of Object.entries(server.env)) Deno.env.set(name, value);
  server.inject(() => ({ xml: "", headers: { "content-length": "3", etag: '"e"' } }));
  for (const prefix of ["a#b?c", "a//b", "é+%41"]) {
    const store = await openStore(`s3://backups/${prefix}`, { endpoint: server.endpoint });
    await store.stat("x");
    assert.equal(server.requests.at(-1)!.path, `/backups/${prefix}/x`);
    await store.close();
  }
  for (const prefix of ["a/../b", "./a", "a//", "/a"]) {
    const isRefused = (error: unknown) => error instanceof OperatorError && error.code === "BAD_STORE_ADDRESS";
    await assert.rejects(async () => await openStore(`s3://backups/${prefix}`, {}), isRefused, prefix);
  }
});

Deno.test("s3: the endpoint comes from where aws takes it, and the bucket is where --addressing says", async () => {
  await using server = await startS3Server();
  const given = {
    ...server.env,
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ENDPOINT_URL_S3: server.endpoint.replace("127.0.0.1", "localhost"),
  };
  for (const [name, value] of Object.entries(given)) Deno.env.set(name, value);
  server.inject(() => ({ xml: "", headers: { "content-length": "3", etag: '"e"' } }));
  const ask = async (options: { endpoint?: string; addressing?: "auto" | "path" | "virtual" }) => {
    const store = await openStore("s3://backups/p", options);
    await store.stat("x");
    await store.close();
    const { path, headers } = server.requests.at(-1)!;
    return [path, headers.get("host")!.replace(/:.*/, "")];
  };
  try {
    assert.deepEqual(await ask({}), ["/backups/p/x", "localhost"]);
    assert.deepEqual(await ask({ addressing: "path" }), ["/backups/p/x", "localhost"]);
    // Few hosts know this name: then the error says it.
    const virtual = await ask({ addressing: "virtual" }).catch(({ message }: Error) => message);
    assert.match(`${virtual}`, /^\/p\/x,backups\.localhost$|getaddrinfo \w+ backups\.localhost/);
    assert.deepEqual(await ask({ endpoint: server.endpoint }), ["/backups/p/x", "127.0.0.1"]);
  } finally {
    Deno.env.delete("AWS_ENDPOINT_URL");
    Deno.env.delete("AWS_ENDPOINT_URL_S3");
  }
});
