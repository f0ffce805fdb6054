import { resolve } from "node:path";
import { parseConnectionString } from "../../postgres/connection/conninfo.ts";
import { isS3Address, requireStoreAddress } from "../../storage/open_store.ts";
import { fillIn } from "./fill_in.ts";
import template from "./templates/pgrehearse.jsonc" with { type: "text" };
import { databasesAlike } from "./findings.ts";

/** What a first configuration says. */
export interface FirstConfigOptions {
  /** A database, or a server for several. Its password is not written anywhere. */
  dbUrl?: string;
  /** The databases' names. @default {the one of dbUrl} */
  databases: readonly string[];
  /** A directory, or s3://bucket/prefix. */
  store: string;
  /** Whom backups are encrypted for, as age1…. */
  recipients: readonly string[];
  /** Such as `1h`. */
  rto: string;
  rpo: string;
}

/** A configuration as `init` writes it, and what the other files need to know of it. */
export interface FirstConfig {
  text: string;
  /** The store's address; a directory is absolute. */
  store: string;
  /** How many databases are named. */
  databases: number;
  /** Variables of the environment that it takes values from. */
  variables: string[];
  isEncrypted: boolean;
}

/** A database of the configuration: its name there, and its URL unless it is that of DATABASE_URL. */
interface NamedUrl {
  name: string;
  url?: string;
}

/**
 * Writes down a configuration.
 *
 * @throws {OperatorError} `BAD_DB_URL`, `DATABASES_ALIKE`
 */
export function firstConfig(options: FirstConfigOptions): FirstConfig {
  const { rto, rpo, recipients } = options;
  requireStoreAddress(options.store);
  const store = isS3Address(options.store) ? options.store : resolve(options.store);
  const databases = namedUrls(options);
  const isEncrypted = recipients.length > 0;
  const keys = isEncrypted ? recipients.map((each) => JSON.stringify(each)).join(", ") : '"age1…"';
  const text = fillIn(template, {
    DATABASES: databases.map(({ name, url }, index) => {
      const database = url === undefined ? "{}" : `{ "url": ${JSON.stringify(url)} }`;
      return `${JSON.stringify(name)}: ${database}${index < databases.length - 1 ? "," : ""}`;
    }),
    FIRST: databases[0].name,
    STORE: JSON.stringify(store).slice(1, -1),
    ENCRYPT: [`${isEncrypted ? "" : "// "}"backup": { "encrypt": [${keys}] },`, '// "identity": "/path/to/identity",'],
    RTO: rto,
    RPO: rpo,
  });
  const variables = databases.flatMap(({ url }) => /^\$\{(\w+)\}$/.exec(url ?? "")?.[1] ?? []);
  return { text, store, databases: databases.length, variables, isEncrypted };
}

/** The databases, each with a URL that holds no password. */
function namedUrls({ dbUrl, databases }: FirstConfigOptions): NamedUrl[] {
  if (dbUrl === undefined) {
    if (databases.length === 0) return [{ name: "main" }];
    return withDistinctNames(databases.map((name) => ({
      name: configName(name),
      url: literal(`postgresql:///${encodeURIComponent(name)}`),
    })));
  }
  const { dbname, ...settings } = parseConnectionString(dbUrl);
  if (holdsSecret(settings)) {
    if (databases.length < 2) return [{ name: configName(databases[0] ?? dbname ?? "main"), url: "${DATABASE_URL}" }];
    return withDistinctNames(databases.map((name) => ({ name: configName(name), url: `\${${variableName(name)}}` })));
  }
  if (databases.length === 0) return [{ name: configName(dbname ?? "main"), url: literal(dbUrl) }];
  return withDistinctNames(
    databases.map((name) => ({ name: configName(name), url: literal(withDatabaseName(dbUrl, name)) })),
  );
}

/** If a keyword appears twice, libpq takes the last one. */
function withDatabaseName(dbUrl: string, name: string): string {
  const url = /^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?(\?.*)?$/s.exec(dbUrl);
  if (url) return `${url[1]}/${encodeURIComponent(name)}${withoutDatabase(url[2] ?? "")}`;
  return `${dbUrl.trim()} dbname='${name.replace(/[\\']/g, "\\$&")}'`;
}

function withoutDatabase(query: string): string {
  const kept = query.slice(1).split("&").filter((parameter) => parameter !== "" && !parameter.startsWith("dbname="));
  return kept.length > 0 ? `?${kept.join("&")}` : "";
}

/** A setting that is a secret, or that points at one. */
function holdsSecret(settings: object): boolean {
  return ["password", "sslpassword", "oauth_client_secret"].some((keyword) => keyword in settings);
}

/** What a configuration would take for a variable. */
function literal(text: string): string {
  return text.replaceAll("${", "$${");
}

/** Names in a configuration are made of fewer letters than Postgres allows. */
function configName(database: string): string {
  const name = database.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return name === "" ? "main" : name;
}

function variableName(database: string): string {
  return `${configName(database).replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase()}_URL`.replace(/^(?=\d)/, "_");
}

function withDistinctNames(databases: NamedUrl[]): NamedUrl[] {
  const alike = databases.find(({ name, url }, index) =>
    databases.slice(0, index).some((other) => other.name === name || other.url === url)
  );
  if (!alike) return databases;
  throw databasesAlike.error({ name: alike.name });
}
