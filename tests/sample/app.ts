// The sample service: a small HTTP application over its restored database, bucket and files. Started by drills.
//
// Environment: PORT, DATABASE_URL, IDENTITY_URL, BUCKET_URL (path-style, readable without signature), CERTIFICATE.

import { X509Certificate } from "node:crypto";
import postgres from "postgres";

/** Opens a database by the URL that libpq takes: the socket's directory is in `host`. */
function open(url: string) {
  const { pathname, searchParams } = new URL(url);
  const [host, port, username] = ["host", "port", "user"].map((name) => searchParams.get(name));
  const database = decodeURIComponent(pathname.slice(1));
  return postgres({ database, username: username!, path: `${host}/.s.PGSQL.${port ?? 5432}`, max: 2 });
}

const env = (name: string) => Deno.env.get(name)!;
const shop = open(env("DATABASE_URL"));
const identity = open(env("IDENTITY_URL"));

async function isReady(): Promise<boolean> {
  const [[{ proofs }], [{ users }]] = await Promise.all([
    shop`SELECT count(*)::integer AS proofs FROM proofs`,
    identity`SELECT count(*)::integer AS users FROM users`,
  ]);
  const certificate = new X509Certificate(await Deno.readTextFile(env("CERTIFICATE")));
  return proofs > 0 && users > 0 && new Date(certificate.validTo) > new Date();
}

async function proofs() {
  const rows = await shop`SELECT proof_id, tenant_id, object_key FROM proofs ORDER BY proof_id LIMIT 5`;
  return await Promise.all(rows.map(async ({ proof_id, tenant_id, object_key }) => {
    const response = await fetch(`${env("BUCKET_URL")}/${object_key}`);
    return { proof_id, tenant_id, is_readable: response.ok, bytes: (await response.arrayBuffer()).byteLength };
  }));
}

console.log("starting; schema version 1");
Deno.serve({ port: Number(env("PORT")), hostname: "127.0.0.1", onListen() {} }, async ({ url }) => {
  switch (new URL(url).pathname) {
    case "/readyz":
      return await isReady() ? new Response("ready") : new Response("not ready", { status: 503 });
    case "/api/v1/version":
      return Response.json({ version: "1.4.2" });
    case "/proofs":
      return Response.json({ proofs: await proofs() });
    default:
      return new Response("not found", { status: 404 });
  }
});
