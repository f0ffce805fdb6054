/** Keywords are quoted, too, and which words those are differs between versions: `"json"` since PostgreSQL 17. */
export function withPlainNames(identity: string): string {
  return identity.replace(
    /"(?:[^"]|"")*"/g,
    (quoted) => /^"[a-z_][a-z0-9_$]*"$/.test(quoted) ? quoted.slice(1, -1) : quoted,
  );
}
