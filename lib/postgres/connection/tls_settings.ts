import { join } from "node:path";
import type { ConnectionSettings } from "./connection_settings.ts";
import { connectionSettingUnsupported } from "./findings/settings.ts";
import { tlsFailed } from "./findings/tls.ts";
import { homeDirectory } from "./home_directory.ts";

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
const TLS_VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

/** How strictly a connection is encrypted and the server verified; libpq's words. */
type SslMode = typeof SSL_MODES[number];
type TlsVersion = typeof TLS_VERSIONS[number];

// A path that cannot exist. libpq before 16 has no other way not to send the certificate in ~/.postgresql.
const NO_CERTIFICATE = "/dev/null/no-client-certificate";

/** How a TCP connection is secured; Unix sockets ignore it. Files are absolute and, as libpq has it, need not exist. */
export interface TlsSettings {
  readonly sslmode: SslMode;
  /** Whose signature on the server's certificate counts. If it exists, it is asked under every sslmode. */
  readonly sslrootcert?: string;
  /** The client certificate that is sent if it exists, and its key. */
  readonly sslcert?: string;
  readonly sslkey?: string;
  /** `direct` starts TLS without asking first (PostgreSQL 17). */
  readonly sslnegotiation?: "direct";
  /** False keeps the host name out of the TLS greeting. */
  readonly sslsni?: false;
  readonly sslMinVersion?: TlsVersion;
  readonly sslMaxVersion?: TlsVersion;
}

/**
 * Resolves libpq's ssl* settings, with its defaults in `~/.postgresql`.
 * @returns The settings, and warnings for the operator.
 * @throws {OperatorError} BAD_DB_URL, BAD_CONNECTION_SETTING, CONNECTION_SETTING_UNSUPPORTED, TLS_FAILED.
 */
export async function resolveTlsSettings(
  settings: ConnectionSettings,
  env: Record<string, string | undefined>,
): Promise<{ tls: TlsSettings; warnings: string[] }> {
  const homeFile = (name: string) => join(homeDirectory(env), ".postgresql", name);

  const systemRoots = settings.get("sslrootcert") === "system";
  const sslmode = settings.choice("sslmode", SSL_MODES) ??
    (systemRoots ? "verify-full" : settings.get("requiressl") === "1" ? "require" : "prefer");
  if (systemRoots && sslmode !== "verify-full") {
    throw settings.problem("sslmode", "too weak for the system's roots");
  }
  const sslnegotiation = settings.choice("sslnegotiation", ["postgres", "direct"]);
  if (sslnegotiation === "direct" && ["disable", "allow", "prefer"].includes(sslmode)) {
    throw settings.problem("sslnegotiation", "not for direct TLS");
  }

  const sslrootcert = systemRoots
    ? await systemRootCertificates(env)
    : settings.path("sslrootcert") ?? homeFile("root.crt");
  const warnings: string[] = [];
  if (settings.get("sslrootcert") && sslmode !== "disable" && !await exists(sslrootcert)) {
    warnings.push(`sslrootcert ${sslrootcert} does not exist, so it cannot vouch for the server.`);
  }
  return {
    warnings,
    tls: {
      sslmode,
      sslrootcert,
      sslcert: settings.choice("sslcertmode", ["disable", "allow"]) === "disable"
        ? NO_CERTIFICATE
        : settings.path("sslcert") ?? homeFile("postgresql.crt"),
      sslkey: settings.path("sslkey") ?? homeFile("postgresql.key"),
      sslnegotiation: sslnegotiation === "direct" ? "direct" : undefined,
      sslsni: settings.choice("sslsni", ["0", "1"]) === "0" ? false : undefined,
      sslMinVersion: settings.choice("ssl_min_protocol_version", ["", ...TLS_VERSIONS]) || undefined,
      sslMaxVersion: settings.choice("ssl_max_protocol_version", ["", ...TLS_VERSIONS]) || undefined,
    },
  };
}

/**
 * Refuses a revocation list in `~/.postgresql`, which libpq would obey over TCP.
 *
 * @throws {OperatorError} CONNECTION_SETTING_UNSUPPORTED.
 */
export async function refuseRevocationList(
  { sslmode, sslrootcert }: TlsSettings,
  env: Record<string, string | undefined>,
): Promise<void> {
  const list = join(homeDirectory(env), ".postgresql", "root.crl");
  if (sslmode === "disable" || !sslrootcert || !await exists(sslrootcert) || !await exists(list)) return;
  throw connectionSettingUnsupported.revocationList.error({ path: list });
}

/**
 * The system's bundle of root certificates as a file, for `sslrootcert=system`.
 *
 * A file, because Deno's own roots are Mozilla's and not the system's, and because libpq before 16 does not know `system`.
 */
async function systemRootCertificates(env: Record<string, string | undefined>): Promise<string> {
  const files = [
    ...(env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : []),
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
  ];
  for (const file of files) if (await exists(file)) return file;
  throw tlsFailed.noSystemRoots.error();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
