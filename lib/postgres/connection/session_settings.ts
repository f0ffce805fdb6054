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

/**
 * Refuses to read views and foreign tables of users, whose code would run with our rights: what was a table when it was
 * listed can be a view when it is read.
 */
export const noForeignCode = { restrict_nonsystem_relation_kind: "view, foreign-table" } as const;

/** The neutral settings that came later, with the versions that brought them: the first of a major, or minors of several. */
const NEUTRAL_SINCE: Readonly<Record<string, { value: string; versions: number[] }>> = {
  idle_session_timeout: { value: "0", versions: [140_000] },
  transaction_timeout: { value: "0", versions: [170_000] },
  restrict_nonsystem_relation_kind: {
    value: noForeignCode.restrict_nonsystem_relation_kind,
    versions: [140_013, 150_008, 160_004, 170_000],
  },
};

/** Of what a server says of its version: `15.18 (Debian …)` is 150018, `17beta1` is 170000; 0 where that is nothing. */
export function versionNumber(text: unknown): number {
  const [, major, minor = "0"] = /^(\d+)(?:\.(\d+))?/.exec(String(text)) ?? [];
  return major === undefined ? 0 : Number(major) * 10_000 + Number(minor);
}

function isKnown(name: string, version: number): boolean {
  const { versions } = NEUTRAL_SINCE[name];
  const major = Math.floor(version / 10_000);
  const ofThisMajor = versions.find((since) => Math.floor(since / 10_000) === major);
  return version >= (ofThisMajor ?? versions.at(-1)!);
}

/**
 * The neutral settings that came later. A session that keeps the database's own search_path runs what an operator or a
 * dump says, and may read views.
 */
function laterNames(overrides: SessionSettings): string[] {
  return Object.keys(NEUTRAL_SINCE).filter((name) => !(name in noForeignCode && overrides.search_path === null));
}

/** The settings for a server of this version; of one not known yet, those that every supported version has. */
function settingsFor(version: number, overrides: SessionSettings): SessionSettings {
  const later = laterNames(overrides).filter((name) => isKnown(name, version));
  const known = Object.entries(overrides).filter(([name]) => !(name in NEUTRAL_SINCE) || isKnown(name, version));
  return {
    ...NEUTRAL,
    ...Object.fromEntries(later.map((name) => [name, NEUTRAL_SINCE[name].value])),
    ...Object.fromEntries(known),
  };
}

/**
 * Writes session settings as command-line options for the server: sent at start-up, they outrank `ALTER ROLE … SET`
 * and `ALTER DATABASE … SET`, and unlike other start-up parameters they may be empty.
 *
 * @param version The server's, as `server_version_num`; 0 if it is not known yet.
 * @param given The operator's own options, which ours outrank too.
 */
export function sessionOptions(version: number, given: string | undefined, overrides: SessionSettings): string {
  const ours = Object.entries(settingsFor(version, overrides))
    .filter((setting): setting is [string, string] => setting[1] !== null)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`);
  return [...given ? [given] : [], ...ours].join(" ");
}

/** The settings that a session lacks which was started before the server's version was known, as name and value. */
export function laterSettings(overrides: SessionSettings): Record<string, string> {
  const names = laterNames(overrides).filter((name) => !(name in overrides));
  return Object.fromEntries(names.map((name) => [name, NEUTRAL_SINCE[name].value]));
}
