import { defineFindings } from "../../../system/define_finding.ts";
import { withoutPoint } from "./reaching.ts";

export const tlsFailed = defineFindings({
  code: "TLS_FAILED",
  means: "unknown",
  situations: {
    notOffered: {
      says: ({ server, sslmode }: { server: string; sslmode: string }) => ({
        message: `Postgres at ${server} does not offer TLS, but sslmode=${sslmode} requires it.`,
        fix: "Turn on ssl in its postgresql.conf, or set PGSSLMODE=prefer if the connection needs no encryption.",
      }),
      examples: [{ server: "db1:5432", sslmode: "require" }],
    },
    anotherHost: {
      says: ({ server, host }: { server: string; host: string }) => ({
        message: `The certificate of Postgres at ${server} is not for the host name ${host}.`,
        fix: "Connect with a name that is in the certificate, or set PGSSLMODE=verify-ca if its signature is enough.",
      }),
      examples: [{ server: "db1:5432", host: "db1" }],
    },
    notValidNow: {
      says: ({ server, hasExpired }: { server: string; hasExpired: boolean }) => ({
        message: `The certificate of Postgres at ${server} ${hasExpired ? "has expired" : "is not valid yet"}.`,
        fix: "Renew it, and check this machine's clock.",
      }),
      examples: [{ server: "db1:5432", hasExpired: true }],
    },
    notSigned: {
      says: ({ server, root = "the root certificate" }: { server: string; root?: string }) => ({
        message: `The certificate of Postgres at ${server} is not signed by ${root}.`,
        fix: "Name the certificate of the authority that signed it with PGSSLROOTCERT.",
      }),
      examples: [{ server: "db1:5432", root: "/home/ops/.postgresql/root.crt" }],
    },
    otherwise: {
      says: ({ server, said }: { server: string; said: string }) => ({
        message: `TLS with Postgres at ${server} failed: ${withoutPoint(said)}.`,
        fix: "Check the client certificate, if the server asks for one, and the TLS versions that both sides allow.",
      }),
      examples: [{ server: "db1:5432", said: "tlsv13 alert certificate required" }],
    },
    noSystemRoots: {
      says: () => ({
        message: "sslrootcert=system finds no bundle of root certificates on this machine.",
        fix: "Install ca-certificates, or name a bundle: sslrootcert=FILE.",
      }),
    },
    rootMissing: {
      says: ({ sslmode, path = "sslrootcert" }: { sslmode: string; path?: string }) => ({
        message: `sslmode=${sslmode} needs a root certificate, and ${path} does not exist.`,
        fix: "Name the file with the certificate of the server's authority: PGSSLROOTCERT=FILE, or system.",
      }),
      examples: [{ sslmode: "verify-full", path: "/home/ops/.postgresql/root.crt" }],
    },
    keyMissing: {
      says: ({ certificate, key }: { certificate: string; key: string }) => ({
        message: `The client certificate ${certificate} has no private key: ${key} is missing.`,
        fix: "Name its key with PGSSLKEY.",
      }),
      examples: [{ certificate: "/etc/pki/ops.crt", key: "/etc/pki/ops.key" }],
    },
    anotherKey: {
      says: ({ certificate, key }: { certificate: string; key: string }) => ({
        message: `The private key ${key} does not belong to the certificate ${certificate}.`,
        fix: "Name the certificate and its own key with PGSSLCERT and PGSSLKEY.",
      }),
      examples: [{ certificate: "/etc/pki/ops.crt", key: "/etc/pki/old.key" }],
    },
    openKey: {
      says: ({ key }: { key: string }) => ({
        message: `Group or other accounts can read the private key ${key}.`,
        fix: `Run: chmod 0600 ${key}`,
      }),
      examples: [{ key: "/etc/pki/ops.key" }],
    },
    unreadable: {
      says: ({ path }: { path: string }) => ({
        message: `${path} cannot be read.`,
        fix: "Let this account read it.",
      }),
      examples: [{ path: "/etc/pki/ops.key" }],
    },
    malformed: {
      says: ({ path, what }: { path: string; what: string }) => ({
        message: `${path} holds no ${what}.`,
        fix: "Give it in PEM format.",
      }),
      examples: [{ path: "/etc/pki/ops.key", what: "unencrypted private key" }],
    },
  },
});
