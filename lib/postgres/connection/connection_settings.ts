import { resolve } from "node:path";
import type { OperatorError } from "../../system/operator_error.ts";
import { parseConnectionString } from "./conninfo.ts";
import {
  badConnectionSetting,
  badDbUrl,
  connectionSettingUnsupported,
  type UnsupportedKeyword,
  type WrongValue,
} from "./findings/settings.ts";
import { ENVIRONMENT_OF, type Keyword, type KeywordValues } from "./libpq_keywords.ts";
import { findService } from "./service_file.ts";

type Environment = Record<string, string | undefined>;

/** The value of each keyword that was set, and its source. */
export class ConnectionSettings {
  readonly #settings = new Map<Keyword, { value: string; source: string }>();

  /** Adds what is not set yet: earlier sources win. */
  add(keyword: Keyword, value: string, source: string): void {
    if (!this.#settings.has(keyword)) this.#settings.set(keyword, { value, source });
  }

  /** The value, undefined where it is not set or set to nothing: both mean the default. */
  get(keyword: Keyword): string | undefined {
    return this.#settings.get(keyword)?.value || undefined;
  }

  /** As {@linkcode get}, for a keyword that names a file: made absolute. */
  path(keyword: Keyword): string | undefined {
    const path = this.get(keyword);
    return path && resolve(path);
  }

  /** As {@linkcode get}, for a keyword of few words; here an empty value is an error, as in libpq. */
  choice<Choice extends string>(keyword: Keyword, choices: readonly Choice[]): Choice | undefined {
    const value = this.#settings.get(keyword)?.value;
    const choice = choices.find((choice) => choice === value);
    if (value !== undefined && choice === undefined) {
      throw this.problem(keyword, { is: "not a choice", choices });
    }
    return choice;
  }

  /** As {@linkcode get}, for a whole number. */
  integer(keyword: Keyword): number | undefined {
    const value = this.get(keyword)?.trim();
    if (value === undefined) return undefined;
    if (/^[-+]?\d{1,9}$/.test(value)) return Number(value);
    throw this.problem(keyword, "not a whole number");
  }

  /** Where a keyword was set. */
  sourceOf(keyword: Keyword): string {
    return this.#settings.get(keyword)?.source ?? CONNECTION_STRING;
  }

  /**
   * Refuses parameters that ask for a protection we cannot give, rather than ignoring them.
   *
   * @throws {OperatorError} CONNECTION_SETTING_UNSUPPORTED.
   */
  refuseUnsupported(): void {
    for (const [keyword, harmless] of Object.entries(HARMLESS_VALUES) as [UnsupportedKeyword, readonly string[]][]) {
      const value = this.get(keyword);
      if (value === undefined || harmless.includes(value)) continue;
      throw connectionSettingUnsupported.keyword.error({ keyword, source: this.sourceOf(keyword) });
    }
  }

  /** An error about a value, which it does not show. */
  problem(keyword: Keyword, wrong: WrongValue): OperatorError {
    const source = this.sourceOf(keyword);
    const finding = source === CONNECTION_STRING ? badDbUrl.setting : badConnectionSetting;
    return finding.error({ keyword, source, wrong });
  }
}

const CONNECTION_STRING = "the connection string";

/** Of parameters that guard a connection in a way we cannot, the values that ask for nothing. */
const HARMLESS_VALUES: Record<UnsupportedKeyword, readonly string[]> = {
  channel_binding: ["disable", "prefer"],
  gssencmode: ["disable", "prefer"],
  min_protocol_version: ["3.0"],
  oauth_client_id: [],
  oauth_client_secret: [],
  oauth_issuer: [],
  oauth_scope: [],
  replication: ["false", "off", "no", "0"],
  require_auth: [],
  requirepeer: [],
  scram_client_key: [],
  scram_server_key: [],
  sslcertmode: ["disable", "allow"],
  sslcrl: [],
  sslcrldir: [],
  sslkeylogfile: [],
  sslpassword: [],
};

/**
 * Collects connection settings in libpq's order: the connection string, the service, the environment.
 *
 * @param connectionString Undefined means that there is none; an empty one is an error, as it comes from an unset variable.
 * @throws {OperatorError} BAD_DB_URL, SERVICE_NOT_FOUND, SERVICE_FILE_INVALID.
 */
export async function collectSettings(
  connectionString: string | undefined,
  env: Environment,
): Promise<ConnectionSettings> {
  const settings = new ConnectionSettings();
  const addAll = (values: KeywordValues, source: string) => {
    for (const [keyword, value] of Object.entries(values)) settings.add(keyword as Keyword, value, source);
  };
  const fromString = connectionString === undefined ? {} : parseConnectionString(connectionString);
  addAll(fromString, CONNECTION_STRING);

  const service = fromString.service ?? env.PGSERVICE;
  if (service) {
    const { values, file } = await findService(service, env);
    addAll(values, `the service ${service} in ${file}`);
  }

  for (const [keyword, variable] of Object.entries(ENVIRONMENT_OF)) {
    const value = variable && env[variable];
    if (value !== undefined) settings.add(keyword as Keyword, value, variable!);
  }
  return settings;
}
