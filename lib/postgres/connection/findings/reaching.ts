import { defineFinding, defineFindings } from "../../../system/define_finding.ts";
import { durationText } from "../../../system/quantities.ts";

/** Why a server could not be reached, without what the server itself says. */
export type Unreachable =
  | "refused"
  | "dead socket"
  | "forbidden"
  | "no such host"
  | "name not looked up"
  | "no route"
  | "silent"
  | "cut"
  | { socket: string };

function unreachable(reason: Unreachable): [what: string, fix: string] {
  const checkHost = "Check the host and port, and that a firewall lets this machine through.";
  switch (reason) {
    case "refused":
      return ["connection refused", "Start the server, or check host, port and its listen_addresses."];
    case "dead socket":
      return ["nothing listens on that socket", "Start the server. The socket was left by a server that died."];
    case "forbidden":
      return ["this account may not connect to that", "Check the permissions of the socket and its directory."];
    case "no such host":
      return ["there is no such host", "Check the host's name, and that this machine's DNS knows it."];
    case "name not looked up":
      return ["its name could not be looked up now", "Check this machine's DNS, then try again."];
    case "no route":
      return ["there is no route to it", checkHost];
    case "silent":
      return ["it does not answer", `${checkHost} PGCONNECT_TIMEOUT sets how many seconds to wait.`];
    case "cut":
      return ["the connection was cut", "Look at the server's log, then try again."];
    default:
      return [
        `there is no socket ${reason.socket}`,
        "Start the server, or name its unix_socket_directories as the host, and its port.",
      ];
  }
}

export const cannotConnect = defineFindings({
  code: "CANNOT_CONNECT",
  means: "unknown",
  situations: {
    unreachable: {
      says: ({ server, reason }: { server: string; reason: Unreachable }) => {
        const [what, fix] = unreachable(reason);
        return { message: `Cannot reach Postgres at ${server}: ${what}.`, fix };
      },
      examples: [
        { server: "db1:5432", reason: "refused" },
        { server: "db1:5432", reason: "no such host" },
        { server: "db1:5432", reason: "silent" },
        { server: "/var/run/postgresql:5432", reason: { socket: "/var/run/postgresql/.s.PGSQL.5432" } },
      ],
    },
    /** Several were tried. */
    noneReachable: {
      says: ({ servers, fix, said }: { servers: string; fix: string; said: readonly string[] }) => ({
        message: `Cannot reach Postgres at any of ${servers}.`,
        fix,
        detail: said.join("\n"),
      }),
      examples: [{
        servers: "db1:5432, db2:5432",
        fix: "Start the server, or check host, port and its listen_addresses.",
        said: ["Cannot reach Postgres at db1:5432: connection refused."],
      }],
    },
    notYet: {
      says: ({ server, said }: { server: string; said: string }) => ({
        message: `Postgres at ${server} does not accept connections yet: ${withoutPoint(said)}.`,
        fix: "Wait until it has started or recovered. Its log says more.",
      }),
      examples: [{ server: "db1:5432", said: "the database system is starting up" }],
    },
    anotherRole: {
      says: ({ server, wanted }: { server: string; wanted: string }) => ({
        message: `Postgres at ${server} is not the ${wanted} that was asked for.`,
        fix: "Name another host, or change target_session_attrs (PGTARGETSESSIONATTRS).",
      }),
      examples: [{ server: "db2:5432", wanted: "primary" }],
    },
    /** It came up in no time that was given, and never said why. */
    notReady: {
      says: ({ server, waitedMs }: { server: string; waitedMs: number }) => ({
        message: `${afterWaiting(waitedMs)} Postgres at ${server} does not answer.`,
        fix: "Look at the server's log, then try again.",
      }),
      examples: [{ server: "db1:5432", waitedMs: 60_000 }],
    },
    otherwise: {
      says: ({ server, said }: { server: string; said: string }) => ({
        message: `Cannot connect to Postgres at ${server}: ${withoutPoint(said)}.`,
        fix: "Try the same parameters with psql.",
      }),
      examples: [{ server: "db1:5432", said: "unsupported frontend protocol 3.0" }],
    },
  },
});

/** How a sentence begins whose reason did not go away while we waited. */
export function afterWaiting(waitedMs: number): string {
  return `After waiting ${durationText(waitedMs)}:`;
}

export const poolerInBetween = defineFinding({
  code: "POOLER_IN_BETWEEN",
  means: "unknown",
  says: ({ server }: { server: string }) => ({
    message:
      `${server} is a connection pooler, such as PgBouncer, not a server. It does not keep a session's settings.`,
    fix: "Connect to the server itself, with its own host and port.",
  }),
  examples: [{ server: "db1:6432" }],
});

export const databaseMissing = defineFinding({
  code: "DATABASE_MISSING",
  means: "unknown",
  says: ({ server, database }: { server: string; database: string }) => ({
    message: `There is no database "${database}" on Postgres at ${server}.`,
    fix: "Create it, or name another one.",
  }),
  examples: [{ server: "db1:5432", database: "shop" }],
});

export const tooManyConnections = defineFinding({
  code: "TOO_MANY_CONNECTIONS",
  means: "unknown",
  says: ({ server, said }: { server: string; said: string }) => ({
    message: `Postgres at ${server} has no free connections: ${withoutPoint(said)}.`,
    fix: "Close some connections, or raise max_connections (or the limit of the role or database).",
  }),
  examples: [{ server: "db1:5432", said: "sorry, too many clients already" }],
});

/** Who was refused, and by which server. */
interface RefusedRole {
  server: string;
  role: string;
  /** What was wrong with the password file. */
  warnings?: string;
}
const refusedRole: RefusedRole = { server: "db1:5432", role: "ops" };

export const authenticationFailed = defineFindings({
  code: "AUTHENTICATION_FAILED",
  means: "unknown",
  situations: {
    unsupported: {
      says: ({ server, role, warnings }: RefusedRole) => ({
        message:
          `Postgres at ${server} asks role "${role}" for Kerberos or another authentication that is not supported.`,
        fix: "Let pg_hba.conf ask this role for a password (scram-sha-256) or a client certificate.",
        detail: warnings,
      }),
      examples: [refusedRole],
    },
    passwordMissing: {
      says: ({ server, role, warnings }: RefusedRole) => ({
        message: `Postgres at ${server} asks for a password for role "${role}", but you gave none.`,
        fix: "Set PGPASSWORD, or add a line to ~/.pgpass (mode 0600).",
        detail: warnings,
      }),
      examples: [refusedRole],
    },
    passwordWrong: {
      says: ({ server, role, warnings }: RefusedRole) => ({
        message: `Postgres at ${server} did not accept the password for role "${role}".`,
        fix: "Check the password and the role's name; in a URL, percent-encode special characters.",
        detail: warnings,
      }),
      examples: [refusedRole],
    },
    notLetIn: {
      says: ({ server, role, said, mayLogIn, warnings }: RefusedRole & { said: string; mayLogIn: boolean }) => ({
        message: `Postgres at ${server} does not let role "${role}" in: ${withoutPoint(said)}.`,
        fix: mayLogIn
          ? "Name a role that the server's pg_hba.conf lets in from here, or change pg_hba.conf and reload the server."
          : "Create the role with LOGIN, or name another one.",
        detail: warnings,
      }),
      examples: [
        { ...refusedRole, mayLogIn: false, said: 'role "ops" is not permitted to log in' },
        { ...refusedRole, mayLogIn: true, said: 'no pg_hba.conf entry for host "10.0.0.7", user "ops"' },
      ],
    },
    notLetIntoDatabase: {
      says: ({ server, role, database, said, warnings }: RefusedRole & { database: string; said: string }) => ({
        message: `Postgres at ${server} does not let role "${role}" into database "${database}": ${
          withoutPoint(said)
        }.`,
        fix: "GRANT CONNECT ON DATABASE to the role, or name another one.",
        detail: warnings,
      }),
      examples: [{ ...refusedRole, database: "shop", said: 'permission denied for database "shop"' }],
    },
  },
});

/** What a server or a library said, to put before our full stop. */
export function withoutPoint(said: string): string {
  return said.replace(/\.$/, "");
}
