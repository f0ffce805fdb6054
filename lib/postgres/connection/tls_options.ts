import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { tlsFailed } from "./findings/tls.ts";
import { readRegularText } from "../../system/regular_file.ts";
import type { TlsSettings } from "./tls_settings.ts";

/**
 * Turns libpq's ssl* settings into options for `tls.connect`.
 *
 * As in libpq, a root certificate that exists is asked under every sslmode; only `verify-full` also compares the host
 * name. Deno's `node:tls` does both exactly (measured: 2.9.6), including a self-signed certificate that is its own root.
 *
 * @param host The name the certificate must bear.
 * @throws {OperatorError} TLS_FAILED, for files that are missing, unreadable or do not belong together.
 */
export async function tlsOptions(settings: TlsSettings, host: string): Promise<ConnectionOptions> {
  const roots = await rootCertificates(settings);
  return {
    // Never left to defaults: NODE_TLS_REJECT_UNAUTHORIZED would decide.
    rejectUnauthorized: roots !== undefined,
    ca: roots,
    ...(settings.sslmode !== "verify-full" && { checkServerIdentity: () => undefined }),
    host,
    servername: isIP(host) || settings.sslsni === false ? undefined : host,
    ...await clientCertificate(settings),
    minVersion: settings.sslMinVersion,
    maxVersion: settings.sslMaxVersion,
    ALPNProtocols: settings.sslnegotiation === "direct" ? ["postgresql"] : undefined,
  };
}

async function rootCertificates({ sslmode, sslrootcert }: TlsSettings): Promise<string | undefined> {
  const roots = sslrootcert === undefined ? undefined : await readIfExists(sslrootcert);
  if (roots === undefined && sslmode.startsWith("verify-")) {
    throw tlsFailed.rootMissing.error({ sslmode, path: sslrootcert });
  }
  if (roots !== undefined) parseFile(sslrootcert!, "certificate", () => new X509Certificate(roots));
  return roots;
}

async function clientCertificate({ sslcert, sslkey }: TlsSettings): Promise<{ cert?: string; key?: string }> {
  const cert = sslcert === undefined ? undefined : await readIfExists(sslcert);
  if (cert === undefined) return {};
  const key = sslkey === undefined ? undefined : await readIfExists(sslkey);
  const names = { certificate: sslcert!, key: sslkey! };
  if (key === undefined) throw tlsFailed.keyMissing.error(names);
  await refuseOpenKey(sslkey!);
  // Deno sends no certificate, without a word, when it cannot read the key.
  const certificate = parseFile(sslcert!, "certificate", () => new X509Certificate(cert));
  const privateKey = parseFile(sslkey!, "unencrypted private key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw tlsFailed.anotherKey.error(names);
  return { cert, key };
}

/** libpq's rule: a key of ours is for us alone, one of root's may also be for its group. */
async function refuseOpenKey(sslkey: string): Promise<void> {
  const { mode, uid } = await Deno.stat(sslkey);
  const tooOpen = uid === 0 ? 0o037 : 0o077;
  if (mode === null || (mode & tooOpen) === 0) return;
  throw tlsFailed.openKey.error({ key: sslkey });
}

async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readRegularText(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return undefined;
    throw tlsFailed.unreadable.error({ path }, { cause });
  }
}

function parseFile<Content>(path: string, what: string, parse: () => Content): Content {
  try {
    return parse();
  } catch (cause) {
    throw tlsFailed.malformed.error({ path, what }, { cause });
  }
}
