import { registerSecret } from "../../system/redact.ts";
import { type ConnectionParameters, passwordFor } from "./connection_parameters.ts";
import { isSocketDirectory } from "./server_addresses.ts";

/**
 * Writes the parameters as a URL that other programs connect with: libpq's and most drivers' form. It may hold the
 * password, so it is kept out of all output.
 *
 * For a socket, everything follows the question mark: `user@` without a host is not a URL for most languages' parsers.
 *
 * @param parameters With one server to try.
 */
export function connectionUrl(parameters: ConnectionParameters): string {
  const { user, database, hosts: [host], hostAddresses, ports: [port], options } = parameters;
  const isSocket = isSocketDirectory(host);
  const password = passwordFor(parameters);
  const account = encodeURIComponent(user) + (password ? `:${encodeURIComponent(password)}` : "");
  const server = isSocket ? "" : `${account}@${host.includes(":") ? `[${host}]` : host}:${port}`;
  const settings = Object.entries({
    ...isSocket ? { host, port: port === 5432 ? undefined : String(port), user, password: password || undefined } : {
      hostaddr: hostAddresses?.[0] || undefined,
      sslmode: parameters.sslmode === "prefer" ? undefined : parameters.sslmode,
      sslrootcert: ifThere(parameters.sslrootcert),
      sslcert: ifThere(parameters.sslcert),
      sslkey: ifThere(parameters.sslkey),
    },
    options,
  }).flatMap(([name, value]) => value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]);
  const url = `postgresql://${server}/${encodeURIComponent(database)}`;
  const whole = settings.length > 0 ? `${url}?${settings.join("&")}` : url;
  if (password) registerSecret(whole);
  return whole;
}

/** By default they are looked for in the home directory; not every driver forgives one that is not there. */
function ifThere(path: string | undefined): string | undefined {
  if (path === undefined || path === "system") return path;
  try {
    return Deno.statSync(path) && path;
  } catch {
    return undefined;
  }
}

/**
 * The same server's other database, in the form in which the server was named: a URL, or libpq's keywords.
 *
 * @param named As an operator writes it.
 */
export function withDatabaseNamed(named: string, database: string): string {
  const url = /^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?(?:\?(.*))?$/s.exec(named);
  if (!url) return `${named} dbname='${database.replace(/[\\']/g, "\\$&")}'`;
  const [, server, parameters = ""] = url;
  const others = parameters.split("&").filter((each) => each !== "" && !/^dbname=/.test(each));
  return `${server}/${encodeURIComponent(database)}${others.length > 0 ? `?${others.join("&")}` : ""}`;
}
