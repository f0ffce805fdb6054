import assert from "node:assert/strict";
import { join } from "node:path";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { makeCertificates } from "../../support/tls_server.ts";

Deno.test("https store: an endpoint whose authority NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE names is reached, another one is not", async () => {
  await using bucket = await startS3Server();
  const directory = await Deno.makeTempDir({ prefix: "pgr-https-" });
  await makeCertificates(directory);
  const read = (name: string) => Deno.readTextFile(join(directory, name));
  const tls = { cert: await read("server.crt"), key: await read("server.key") };
  await using server = Deno.serve({ port: 0, hostname: "localhost", onListen() {}, ...tls }, (request) => {
    const { pathname, search } = new URL(request.url);
    return fetch(`${bucket.endpoint}${pathname}${search}`, request);
  });
  const list = (authority: string, variable: string) =>
    pgrehearse(["list", "--from", "s3://backups", "--endpoint", `https://localhost:${server.addr.port}`], {
      env: { ...bucket.env, AWS_MAX_ATTEMPTS: "1", [variable]: join(directory, authority) },
    });
  for (const variable of ["NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"]) {
    const known = await list("authority.crt", variable);
    assert.equal(known.status, 0, known.stderr);
    const unknown = await list("other_authority.crt", variable);
    assert.deepEqual([unknown.status, unknown.verdict.findings[0].code], [2, "STORE_UNREACHABLE"], variable);
  }
  const missing = await list("missing.crt", "AWS_CA_BUNDLE");
  assert.deepEqual([missing.status, missing.verdict.findings[0].code], [2, "CA_BUNDLE_UNREADABLE"]);
  await Deno.remove(directory, { recursive: true });
});
