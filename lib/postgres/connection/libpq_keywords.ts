import { nearestWord } from "../../system/nearest_word.ts";
import { badDbUrl } from "./findings/settings.ts";

/** Every keyword that libpq 15 to 18 takes in a connection string, with the environment variable that stands in for it. */
export const ENVIRONMENT_OF = {
  application_name: "PGAPPNAME",
  channel_binding: "PGCHANNELBINDING",
  client_encoding: "PGCLIENTENCODING",
  connect_timeout: "PGCONNECT_TIMEOUT",
  dbname: "PGDATABASE",
  fallback_application_name: undefined,
  gssdelegation: "PGGSSDELEGATION",
  gssencmode: "PGGSSENCMODE",
  gsslib: "PGGSSLIB",
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  keepalives: undefined,
  keepalives_count: undefined,
  keepalives_idle: undefined,
  keepalives_interval: undefined,
  krbsrvname: "PGKRBSRVNAME",
  load_balance_hosts: "PGLOADBALANCEHOSTS",
  max_protocol_version: "PGMAXPROTOCOLVERSION",
  min_protocol_version: "PGMINPROTOCOLVERSION",
  oauth_client_id: undefined,
  oauth_client_secret: undefined,
  oauth_issuer: undefined,
  oauth_scope: undefined,
  options: "PGOPTIONS",
  passfile: "PGPASSFILE",
  password: "PGPASSWORD",
  port: "PGPORT",
  replication: undefined,
  require_auth: "PGREQUIREAUTH",
  requirepeer: "PGREQUIREPEER",
  requiressl: "PGREQUIRESSL",
  scram_client_key: undefined,
  scram_server_key: undefined,
  service: "PGSERVICE",
  ssl_max_protocol_version: "PGSSLMAXPROTOCOLVERSION",
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  sslcert: "PGSSLCERT",
  sslcertmode: "PGSSLCERTMODE",
  sslcompression: "PGSSLCOMPRESSION",
  sslcrl: "PGSSLCRL",
  sslcrldir: "PGSSLCRLDIR",
  sslkey: "PGSSLKEY",
  sslkeylogfile: undefined,
  sslmode: "PGSSLMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslpassword: undefined,
  sslrootcert: "PGSSLROOTCERT",
  sslsni: "PGSSLSNI",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  tcp_user_timeout: undefined,
  user: "PGUSER",
} as const;

export type Keyword = keyof typeof ENVIRONMENT_OF;

/** Keywords and their values, as one source (a connection string, a service) gives them. */
export type KeywordValues = Partial<Record<Keyword, string>>;

/** What people carry over from other drivers' URLs; safe to name in an error, because we wrote it. */
const FOREIGN_WORDS = [
  "channelBinding",
  "charset",
  "connection_limit",
  "currentSchema",
  "database",
  "encoding",
  "max_connections",
  "pgbouncer",
  "pool",
  "pool_timeout",
  "prepared_statements",
  "schema",
  "search_path",
  "sslaccept",
  "statement_timeout",
  "timeout",
  "timezone",
  "username",
];

export function isKeyword(word: string): word is Keyword {
  return Object.hasOwn(ENVIRONMENT_OF, word);
}

/**
 * Takes a word of a connection string as a keyword.
 *
 * An unknown word is shown only when it is a slip of a keyword or a word of another driver, and otherwise only its
 * place: an unescaped `&` or `=` makes a piece of the password look like a keyword.
 *
 * @param place Which word it is: "query parameter 2".
 * @throws {OperatorError} BAD_DB_URL.
 */
export function toKeyword(word: string, place: string): Keyword {
  if (isKeyword(word)) return word;
  if (FOREIGN_WORDS.includes(word)) {
    const isServerSetting = ["schema", "search_path", "currentSchema", "statement_timeout"].includes(word);
    throw badDbUrl.foreignWord.error({ word, isServerSetting });
  }
  const nearest = nearestWord(word, Object.keys(ENVIRONMENT_OF));
  if (nearest !== undefined) throw badDbUrl.misspelt.error({ word, nearest });
  throw badDbUrl.unknownWord.error({ place });
}
