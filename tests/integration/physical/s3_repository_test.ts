import assert from "node:assert/strict";
import { join } from "node:path";
import { setUpPgBackRest, writeAndArchive } from "../../support/backup_tools.ts";
import { findProgram } from "../../support/find_program.ts";
import { needing } from "../../support/needing.ts";
import { codesOf, runPhysicalDrill } from "../../support/physical_drills.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";
import { startS3Server } from "../../support/s3_server.ts";

const pgbackrest = await findProgram("pgbackrest");
const openssl = await findProgram("openssl");

/** Puts TLS before a server, with a certificate that it signed itself. */
async function withTls(endpoint: string) {
  const directory = await Deno.makeTempDir({ prefix: "pgr-tls-" });
  await Deno.chmod(directory, 0o755);
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(directory, name));
  const { success, stderr } = await new Deno.Command(openssl!, {
    args: [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.chmod(cert, 0o644);
  const client = Deno.createHttpClient({});
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: await Deno.readTextFile(cert),
    key: await Deno.readTextFile(key),
    onListen: () => {},
  }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body === null ? undefined : await request.arrayBuffer();
    const { method, headers } = request;
    return await fetch(`${endpoint}${pathname}${search}`, { method, headers, body, client, redirect: "manual" });
  });
  return {
    port: server.addr.port,
    cert,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      client.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

Deno.test(
  needing({ pgbackrest, openssl }, "pgbackrest: a repository in S3 is drilled, over TLS of a private authority"),
  async () => {
    await using primary = await startPhysicalPrimary();
    await using s3 = await startS3Server({ isPlain: true });
    await using tls = await withTls(s3.endpoint);
    await using tool = await setUpPgBackRest(primary, [
      "repo1-type=s3",
      "repo1-s3-bucket=backups",
      "repo1-s3-endpoint=localhost",
      "repo1-bundle=y",
      "process-max=4",
      "repo1-s3-region=us-east-1",
      "repo1-s3-key=S3RVER",
      "repo1-s3-key-secret=a-secret-of-the-repository",
      "repo1-s3-uri-style=path",
      `repo1-storage-port=${tls.port}`,
      `repo1-storage-ca-file=${tls.cert}`,
    ]);
    await tool.run("backup", "--type=full");
    const last = await writeAndArchive(primary);
    await tool.caughtUp();
    const options = { pgbackrestConfig: tool.config };
    const verdict = await runPhysicalDrill("pgbackrest:main", options);
    assert.deepEqual([verdict.verdict, codesOf(verdict)], ["pass", []], JSON.stringify(verdict.findings, null, 1));
    assert.ok(verdict.recovery?.newest_wal?.startsWith(last));
    const other = join(tool.directory, "other.conf");
    const config = await Deno.readTextFile(tool.config);
    await Deno.writeTextFile(other, config.replace("s3-key=S3RVER", "s3-key=another"));
    const refused = await runPhysicalDrill("pgbackrest:main", { pgbackrestConfig: other });
    assert.deepEqual([refused.verdict, codesOf(refused)], ["unknown", ["BACKUP_TOOL_FAILED"]]);
    assert.match(JSON.stringify(refused.findings), /Forbidden/);
    assert.doesNotMatch(JSON.stringify([verdict, refused]), /a-secret-of-the-repository/);
  },
);
