import { defineFinding, defineFindings } from "../../../system/define_finding.ts";

const howToWrite = "Write it as postgres://user@host:5432/dbname or as 'host=… port=… dbname=… user=…'.";

/** What is wrong with the value of a connection parameter. */
export type WrongValue =
  | { is: "not a choice"; choices: readonly string[] }
  | "not a whole number"
  | "too weak for the system's roots"
  | "not for direct TLS"
  | "not one address for each host"
  | "not one port for each host"
  | "not a port";

/** A parameter and where it was set; the value is not shown, for a malformed URL puts a piece of its password anywhere. */
interface WrongSetting {
  keyword: string;
  /** `the connection string`, `PGPORT`, … */
  source: string;
  wrong: WrongValue;
}

function sayWrongSetting({ keyword, source, wrong }: WrongSetting) {
  const [what, fix] = wordsFor(wrong);
  return { message: `The connection parameter ${keyword}, from ${source}, ${what}.`, fix };
}

function wordsFor(wrong: WrongValue): [what: string, fix: string] {
  switch (wrong) {
    case "not a whole number":
      return ["is not a whole number", "Correct it, or leave it out."];
    case "too weak for the system's roots":
      return ["is too weak for sslrootcert=system", "Use sslmode=verify-full."];
    case "not for direct TLS":
      return ["needs sslmode=require or stronger", "Use sslmode=verify-full."];
    case "not one address for each host":
      return ["does not have one entry for each host", "Give as many addresses as hosts."];
    case "not one port for each host":
      return ["does not have one entry for each host", "Give one port, or as many as hosts."];
    case "not a port":
      return ["is not a number from 1 to 65535", "Correct it; in a URL's password, write / as %2F."];
    default:
      return [`is not one of ${wrong.choices.join(", ")}`, "Correct it, or leave it out."];
  }
}

/** A connection string that cannot be used. Nothing here quotes it: any part of it may be the password. */
export const badDbUrl = defineFindings({
  code: "BAD_DB_URL",
  means: "unknown",
  situations: {
    setting: {
      says: sayWrongSetting,
      examples: [{ keyword: "port", source: "the connection string", wrong: "not a port" }],
    },
    empty: { says: () => ({ message: "The connection string is empty.", fix: howToWrite }) },
    anotherScheme: {
      says: () => ({
        message: "The connection URL does not start with postgres:// or postgresql://.",
        fix: howToWrite,
      }),
    },
    withoutEquals: {
      says: ({ pair }: { pair: number }) => ({
        message: `The connection string is not a URL, and its keyword ${pair} is not followed by "=".`,
        fix: `${howToWrite} Quote a value that holds blanks: 'it\\'s one value'.`,
      }),
      examples: [{ pair: 2 }],
    },
    unendingQuote: {
      says: () => ({
        message: "A quoted value in the connection string does not end.",
        fix: "Close it with '; inside a quoted value write ' as \\' and \\ as \\\\.",
      }),
    },
    strayAt: {
      says: () => ({
        message: "The connection URL has an @ where its host or database should be.",
        fix: "In a password or name, write @ as %40, / as %2F and : as %3A.",
      }),
    },
    malformedHost: {
      says: ({ host }: { host: number }) => ({
        message: `Host ${host} of the connection URL is malformed.`,
        fix: "Write host:port, an IPv6 address in brackets as [::1]:5432, and : in a password as %3A.",
      }),
      examples: [{ host: 1 }],
    },
    malformedParameter: {
      says: ({ place }: { place: string }) => ({
        message: `The connection URL's ${place} is not of the form keyword=value.`,
        fix: "Write = inside a value as %3D and & as %26.",
      }),
      examples: [{ place: "query parameter 2" }],
    },
    strayPercent: {
      says: () => ({
        message: "The connection URL holds a % that does not start an escape such as %40.",
        fix: "Write a plain % as %25.",
      }),
    },
    foreignWord: {
      says: ({ word, isServerSetting }: { word: string; isServerSetting: boolean }) => ({
        message: `The connection string sets "${word}", which psql and pg_dump do not know.`,
        fix: isServerSetting
          ? "Remove it; a server setting can be given as options=-c%20name=value."
          : "Remove it: only libpq's own connection parameters are allowed.",
      }),
      examples: [{ word: "pgbouncer", isServerSetting: false }, { word: "statement_timeout", isServerSetting: true }],
    },
    misspelt: {
      says: ({ word, nearest }: { word: string; nearest: string }) => ({
        message: `The connection string sets "${word}", which is not a connection parameter.`,
        fix: `Did you mean "${nearest}"?`,
      }),
      examples: [{ word: "sslmod", nearest: "sslmode" }],
    },
    unknownWord: {
      says: ({ place }: { place: string }) => ({
        message: `The connection string's ${place} is not a connection parameter.`,
        fix: "Use libpq's parameters, as sslmode or connect_timeout; " +
          "in a password, write & as %26, = as %3D and % as %25.",
      }),
      examples: [{ place: "query parameter 2" }],
    },
  },
});

export const badConnectionSetting = defineFinding({
  code: "BAD_CONNECTION_SETTING",
  means: "unknown",
  says: sayWrongSetting,
  examples: [
    { keyword: "sslmode", source: "PGSSLMODE", wrong: { is: "not a choice", choices: ["disable", "allow", "prefer"] } },
    { keyword: "connect_timeout", source: "PGCONNECT_TIMEOUT", wrong: "not a whole number" },
  ],
});

const anotherWay = "Give the role a password or a client certificate, and leave this parameter out.";
const leaveOut = "Leave it out.";
const noCrl: Unsupported = ["revocation lists are not supported", leaveOut];
const noOauth: Unsupported = ["OAuth is not supported", anotherWay];
const noScramKeys: Unsupported = ["SCRAM keys in place of a password are not supported", anotherWay];

/** Why a parameter is refused, and what to do. */
type Unsupported = readonly [because: string, fix: string];

const unsupported = {
  channel_binding: [
    "channel binding is not supported",
    "Use channel_binding=prefer, with sslmode=verify-full to know the server.",
  ],
  gssencmode: ["Kerberos encryption is not supported", "Use gssencmode=disable, with sslmode=verify-full."],
  min_protocol_version: ["only protocol 3.0 is spoken", leaveOut],
  oauth_client_id: noOauth,
  oauth_client_secret: noOauth,
  oauth_issuer: noOauth,
  oauth_scope: noOauth,
  replication: ["replication connections cannot be dumped from", leaveOut],
  require_auth: [
    "the authentication method cannot be restricted",
    "Leave it out, and use sslmode=verify-full to know the server.",
  ],
  requirepeer: ["the server's account cannot be checked", leaveOut],
  scram_client_key: noScramKeys,
  scram_server_key: noScramKeys,
  sslcertmode: ["whether the server asks for a client certificate cannot be checked", "Use sslcertmode=allow."],
  sslcrl: noCrl,
  sslcrldir: noCrl,
  sslkeylogfile: ["TLS keys are not logged", leaveOut],
  sslpassword: [
    "encrypted private keys are not supported",
    "Store the client key unencrypted, in a file of mode 0600.",
  ],
} as const satisfies Record<string, Unsupported>;

/** A parameter that asks for what our driver cannot do. */
export type UnsupportedKeyword = keyof typeof unsupported;

export const connectionSettingUnsupported = defineFindings({
  code: "CONNECTION_SETTING_UNSUPPORTED",
  means: "unknown",
  situations: {
    keyword: {
      says: ({ keyword, source }: { keyword: UnsupportedKeyword; source: string }) => {
        const [because, fix] = unsupported[keyword];
        return { message: `The connection parameter ${keyword}, from ${source}, cannot be honoured: ${because}.`, fix };
      },
      examples: [
        { keyword: "channel_binding", source: "PGCHANNELBINDING" },
        ...Object.keys(unsupported).slice(1).map((keyword) => ({
          keyword: keyword as UnsupportedKeyword,
          source: "the connection string",
        })),
      ],
    },
    revocationList: {
      says: ({ path }: { path: string }) => ({
        message: `${path} exists, but pgrehearse does not support revocation lists.`,
        fix: "If its list can be ignored, move that file away.",
      }),
      examples: [{ path: "/home/ops/.postgresql/root.crl" }],
    },
  },
});

export const serviceNotFound = defineFinding({
  code: "SERVICE_NOT_FOUND",
  means: "unknown",
  says: ({ service, files }: { service: string; files: readonly string[] }) => ({
    message: `The connection service "${service}" is not defined.`,
    fix: `Add a section [${service}] to one of: ${files.join(", ")}.`,
  }),
  examples: [{
    service: "shop",
    files: ["/home/ops/.pg_service.conf", "/etc/postgresql-common/pg_service.conf"],
  }],
});

/** A line of a service file. */
interface ServiceLine {
  file: string;
  line: number;
}
const serviceLine: ServiceLine = { file: "/home/ops/.pg_service.conf", line: 7 };

export const serviceFileInvalid = defineFindings({
  code: "SERVICE_FILE_INVALID",
  means: "unknown",
  situations: {
    unreadable: {
      says: ({ file }: { file: string }) => ({
        message: `Cannot read the service file ${file}.`,
        fix: "Check that it exists and that this account can read it. PGSERVICEFILE names it.",
      }),
      examples: [{ file: "/home/ops/.pg_service.conf" }],
    },
    ldap: {
      says: ({ file, line }: ServiceLine) => ({
        message: `${file}, line ${line}: looking a service up in LDAP is not supported.`,
        fix: "Write the connection parameters into the file.",
      }),
      examples: [serviceLine],
    },
    malformed: {
      says: ({ file, line }: ServiceLine) => ({
        message: `${file}, line ${line}: this is not keyword=value.`,
        fix: "Use libpq's connection parameters, with no blanks around the =.",
      }),
      examples: [serviceLine],
    },
    nested: {
      says: ({ file, line }: ServiceLine) => ({
        message: `${file}, line ${line}: a service cannot name another service.`,
        fix: "Write that service's parameters here.",
      }),
      examples: [serviceLine],
    },
  },
});

export const noUserName = defineFinding({
  code: "NO_USER_NAME",
  means: "unknown",
  says: () => ({
    message: "No role was given, and this account has no name that could be used instead.",
    fix: "Name the role: PGUSER=… or postgres://user@host/dbname.",
  }),
});
