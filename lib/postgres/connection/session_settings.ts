/** Server settings by name; null leaves what the server, the database or the role say. */
export type SessionSettings = Readonly<Record<string, string | null>>;

/**
 * What makes a session neutral: no time limit, nothing hidden, nothing found by accident, every value in one form.
 *
 * `ALTER ROLE … SET` and `ALTER DATABASE … SET` would otherwise reach into a comparison.
 */
const NEUTRAL: SessionSettings = {
  search_path: "",
  // An error instead of fewer rows.
  row_security: "off",
  statement_timeout: "0",
  lock_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  default_transaction_read_only: "off",
  default_transaction_isolation: "read committed",
  default_transaction_deferrable: "off",
  client_encoding: "UTF8",
  standard_conforming_strings: "on",
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  // As pg_dump; since PostgreSQL 12 every value above 0 means the shortest exact form.
  extra_float_digits: "3",
  bytea_output: "hex",
  xmlbinary: "base64",
  quote_all_identifiers: "off",
};

/** The neutral settings that came later, with the PostgreSQL version that brought them. */
const NEUTRAL_SINCE: Readonly<Record<string, { value: string; major: number }>> = {
  idle_session_timeout: { value: "0", major: 14 },
  transaction_timeout: { value: "0", major: 17 },
};

/** The settings for a server of this version; of one not known yet, those that every supported version has. */
function settingsFor(major: number, overrides: SessionSettings): SessionSettings {
  const later = Object.entries(NEUTRAL_SINCE).filter(([, since]) => since.major <= major);
  return { ...NEUTRAL, ...Object.fromEntries(later.map(([name, { value }]) => [name, value])), ...overrides };
}

/**
 * Writes session settings as command-line options for the server: sent at start-up, they outrank `ALTER ROLE … SET`
 * and `ALTER DATABASE … SET`, and unlike other start-up parameters they may be empty.
 *
 * @param major The server's major version, 0 if it is not known yet.
 * @param given The operator's own options, which ours outrank too.
 */
export function sessionOptions(major: number, given: string | undefined, overrides: SessionSettings): string {
  const ours = Object.entries(settingsFor(major, overrides))
    .filter((setting): setting is [string, string] => setting[1] !== null)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`);
  return [...given ? [given] : [], ...ours].join(" ");
}

/** The settings that a session lacks which was started before the server's version was known, as name and value. */
export function laterSettings(overrides: SessionSettings): Record<string, string> {
  const names = Object.keys(NEUTRAL_SINCE).filter((name) => !(name in overrides));
  return Object.fromEntries(names.map((name) => [name, NEUTRAL_SINCE[name].value]));
}
