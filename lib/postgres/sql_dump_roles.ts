const chunkSizeBytes = 1024 * 1024;

/** No statement that names a role is longer. */
const overlapLength = 4096;

const name = `"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*`;
const statements = [
  `ALTER [^;\\n]* OWNER TO (${name});`,
  `(?:GRANT|REVOKE) [^;\\n]* (?:TO|FROM) (${name})(?: WITH GRANT OPTION)?;`,
  `ALTER DEFAULT PRIVILEGES FOR ROLE (${name}) `,
  `CREATE POLICY [^;\\n]* TO ((?:${name})(?:, (?:${name}))*)[ ;]`,
];

/**
 * Names the roles that a plain SQL dump gives objects and grants to; psql stumbles over those that do not exist.
 *
 * Reads the whole file. A row of data that looks like such a statement counts, too.
 */
export async function rolesOfSqlDump(path: string): Promise<string[]> {
  const pattern = new RegExp(`^(?:${statements.join("|")})`, "gm");
  const roles = new Set<string>();
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(chunkSizeBytes);
  const decoder = new TextDecoder();
  let rest = "";
  for (let length; (length = await file.read(buffer)) !== null;) {
    const text = rest + decoder.decode(buffer.subarray(0, length), { stream: true });
    for (const [, ...groups] of text.matchAll(pattern)) {
      for (const [role] of groups.find(Boolean)!.matchAll(new RegExp(name, "g"))) roles.add(unquoted(role));
    }
    rest = text.slice(-overlapLength);
  }
  // PUBLIC is in capitals, and these are words of the language where they are not quoted.
  return [...roles].filter((role) => !["current_user", "session_user", "current_role"].includes(role));
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
