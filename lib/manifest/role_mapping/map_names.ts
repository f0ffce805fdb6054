import { mappedRole, type RoleMapping } from "../../options/role_mapping.ts";
import { withPlainNames } from "../definitions/plain_names.ts";

/** Of default privileges: `for role alice in schema shop on tables`. */
export function mapIdentity(identity: string, mapping: RoleMapping): string {
  return mapFirstName(identity, "for role ", (role) => mappedRole(mapping, role));
}

/** Maps a name that follows some words. */
export function mapFirstName(text: string, before: string, map: (role: string) => string): string {
  return text.replace(
    new RegExp(`^${before}("(?:[^"]|"")*"|[^ ]+)`),
    (_, name: string) => before + mapName(name, map),
  );
}

/** As `quote_ident` writes it, but for keywords. */
export function mapName(written: string, map: (role: string) => string): string {
  if (written === "PUBLIC") return written;
  const name = map(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
  return withPlainNames(/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
}
