import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";

/** The command that connects, without any password. */
export function psqlCommand({ hosts: [host], ports: [port], user, database }: ConnectionParameters): string {
  const quote = (word: string) => /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return ["psql", "-h", host, "-p", String(port), "-U", user, "-d", database].map(quote).join(" ");
}
