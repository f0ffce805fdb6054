/** A privilege that a role was given on an object. */
export interface Grant {
  /** `SELECT`, `USAGE`, …; `ALL` where every privilege that the server knew for such an object was given. */
  privilege: string;
  /** A role, quoted where needed; `PUBLIC`; or `OWNER`, the object's own. */
  grantee: string;
  /** Who gave it. */
  grantor: string;
  /** Whether it may be passed on. */
  isGrantable: boolean;
}

/** What {@linkcode writeGrants} has to know of the object. */
export interface GrantedObject {
  /** As in a definition. */
  kind: string;
  /** Its name, not quoted. */
  owner?: string;
  /** `server_version_num`. */
  version: number;
}

const words: Record<string, string> = {
  r: "SELECT",
  a: "INSERT",
  w: "UPDATE",
  d: "DELETE",
  D: "TRUNCATE",
  x: "REFERENCES",
  t: "TRIGGER",
  m: "MAINTAIN",
  X: "EXECUTE",
  U: "USAGE",
  C: "CREATE",
  T: "TEMPORARY",
  c: "CONNECT",
};
const letters = Object.keys(words);

/** Every privilege there is, in the order in which they are told. */
export const privilegeWords: readonly string[] = Object.values(words);

/** What the owner of an object has before anything is granted, and what everybody has. */
const defaults: Record<string, { all: string; everybody?: string; owner?: false }> = {
  relation: { all: "rawdDxtm" },
  column: { all: "rawx", owner: false },
  sequence: { all: "rUw" },
  schema: { all: "UC" },
  routine: { all: "X", everybody: "X" },
  type: { all: "U", everybody: "U" },
  language: { all: "U", everybody: "U" },
  foreign_data_wrapper: { all: "U" },
  foreign_server: { all: "U" },
  database: { all: "CTc", everybody: "Tc" },
  large_object: { all: "rw" },
};

const families: Record<string, string> = {
  ...of("relation", "table", "view", "materialized_view", "foreign_table"),
  ...of("routine", "function", "procedure", "aggregate"),
  ...of("type", "base_type", "composite_type", "domain", "enum", "range"),
};

function of(family: string, ...kinds: string[]): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [kind, family]));
}

/** The kind that shares its privileges with others: `relation` of a view, `routine` of a procedure, `type` of a domain. */
export function familyOf(kind: string): string {
  return families[kind] ?? kind;
}

/** Every privilege that a server of that version knows for such an object. */
export function allPrivileges(kind: string, version: number): string[] {
  return [...allLetters(kind, version)].map((letter) => words[letter]);
}

function allLetters(kind: string, version: number): string {
  const { all } = defaults[familyOf(kind)] ?? { all: "" };
  return version < 170000 ? all.replace("m", "") : all; // MAINTAIN came with PostgreSQL 17
}

/** The grants of an object on which only the owner ever granted anything. */
export function defaultGrants(kind: string, version: number): string[] {
  const { owner, everybody } = defaults[familyOf(kind)] ?? { owner: false };
  const lines = new Map<string, string[]>();
  if (owner !== false) lines.set(beginLine("ALL", "OWNER"), ["OWNER"]);
  if (everybody !== undefined) {
    const line = beginLine(privilegesOf(everybody, allLetters(kind, version)), "OWNER");
    lines.set(line, [...lines.get(line) ?? [], "PUBLIC"]);
  }
  return writeLines(lines);
}

/** Memory of what was read already, by kind and owner: a database has few different grants, and many of each. */
export type KnownItems = Map<string, Map<string, { grantee: string; line: string }>>;

/**
 * Writes grants in the one form that they have in a manifest, whatever the server's version.
 *
 * Each line is `SELECT, INSERT* TO alice, "Bob", PUBLIC BY OWNER`, a star for the grant option. The owner is called OWNER,
 * and everything that a server knows is called ALL: a newer one may know more.
 *
 * @param items As Postgres writes them: `alice=arw*\/postgres`.
 */
export function writeGrants(
  items: readonly string[],
  { kind, owner, version }: GrantedObject,
  known: KnownItems = new Map(),
): string[] {
  const family = `${familyOf(kind)}\n${version}\n${owner}`;
  let read = known.get(family);
  if (!read) known.set(family, read = new Map());
  const lines = new Map<string, string[]>();
  for (const item of items) {
    let one = read.get(item);
    if (!one) read.set(item, one = readFor(item, { kind, owner, version }));
    const grantees = lines.get(one.line);
    if (grantees) grantees.push(one.grantee);
    else lines.set(one.line, [one.grantee]);
  }
  return writeLines(lines);
}

/** Who is granted something, and its line, except for the names; empty if it says nothing. */
function readFor(item: string, { kind, owner, version }: GrantedObject): { grantee: string; line: string } {
  const read = readItem(item);
  if (!read || read.letters === "") return { grantee: "", line: "" };
  const ownerName = owner === undefined ? undefined : quoteRole(owner);
  const asOwner = (name: string) => name === ownerName ? "OWNER" : name;
  const privileges = privilegesOf(read.letters, allLetters(kind, version));
  return { grantee: asOwner(read.grantee), line: beginLine(privileges, asOwner(read.grantor)) };
}

function readItem(item: string): { grantee: string; letters: string; grantor: string } | undefined {
  const [, grantee, letters, grantor] = /^("(?:[^"]|"")*"|[^=]*)=([a-zA-Z*]*)\/(.*)$/s.exec(item) ?? [];
  if (grantee === undefined) return undefined;
  return {
    grantee: grantee === "" ? "PUBLIC" : quoteRole(unquoted(grantee)),
    letters,
    grantor: quoteRole(unquoted(grantor)),
  };
}

/** Since some minors of 2025 other letters are quoted there than before. */
function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** Writes a role's name so that it is neither PUBLIC nor OWNER, nor ends where it does not. */
export function quoteRole(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The name of a role as {@linkcode quoteRole} writes it; undefined for PUBLIC and OWNER. */
export function roleName(written: string): string | undefined {
  return written === "PUBLIC" || written === "OWNER" ? undefined : unquoted(written);
}

function privilegesOf(given: string, all: string): string {
  const stars = given.replaceAll(/[^*]/g, "").length;
  const plain = given.replaceAll("*", "");
  const isAll = plain.length === all.length && [...all].every((letter) => plain.includes(letter));
  if (isAll && stars === 0) return "ALL";
  if (isAll && stars === plain.length) return "ALL*";
  return letters.filter((letter) => plain.includes(letter))
    .map((letter) => given.includes(`${letter}*`) ? `${words[letter]}*` : words[letter]).join(", ");
}

function beginLine(privileges: string, grantor: string): string {
  return `${privileges} TO \0 BY ${grantor}`;
}

function writeLines(grantees: Map<string, string[]>): string[] {
  grantees.delete("");
  return [...grantees].map(([line, names]) => line.replace("\0", () => names.sort().join(", "))).sort();
}

/**
 * Reads what {@linkcode writeGrants} wrote; `ALL` as all that this version knows.
 *
 * @throws {Error} If a line is none.
 */
export function readGrants(lines: readonly string[], { kind, version }: GrantedObject): Grant[] {
  const all = allPrivileges(kind, version);
  return lines.flatMap((line) => {
    const { privileges, grantees, grantor } = readLine(line);
    const each = privileges.flatMap((privilege) => {
      const isGrantable = privilege.endsWith("*");
      const name = isGrantable ? privilege.slice(0, -1) : privilege;
      return (name === "ALL" ? all : [name]).map((privilege) => ({ privilege, isGrantable }));
    });
    return grantees.flatMap((grantee) => each.map((one) => ({ ...one, grantee, grantor })));
  });
}

/** Gives roles in lines of {@linkcode writeGrants} other names. What one role was given by another in two ways, it was given. */
export function mapGrants(lines: readonly string[], object: GrantedObject, map: (role: string) => string): string[] {
  const owner = object.owner === undefined ? undefined : quoteRole(object.owner);
  const mapped = (written: string) => {
    const name = roleName(written);
    const now = name === undefined ? written : quoteRole(map(name));
    return now === owner ? "OWNER" : now;
  };
  const given = new Map<string, { grantee: string; grantor: string; letters: Map<string, string> }>();
  for (const { privilege, isGrantable, ...names } of readGrants(lines, object)) {
    const [grantee, grantor] = [mapped(names.grantee), mapped(names.grantor)];
    const key = `${grantee} BY ${grantor}`;
    let one = given.get(key);
    if (!one) given.set(key, one = { grantee, grantor, letters: new Map() });
    const letter = letters.find((each) => words[each] === privilege)!;
    if (isGrantable || !one.letters.has(letter)) one.letters.set(letter, isGrantable ? `${letter}*` : letter);
  }
  const written = new Map<string, string[]>();
  for (const { grantee, grantor, letters } of given.values()) {
    const line = beginLine(
      privilegesOf([...letters.values()].join(""), allLetters(object.kind, object.version)),
      grantor,
    );
    written.set(line, [...written.get(line) ?? [], grantee]);
  }
  return writeLines(written);
}

/** Reads a line of {@linkcode writeGrants}. */
export function readLine(line: string): { privileges: string[]; grantees: string[]; grantor: string } {
  const end = line.indexOf(" TO ");
  const names = line.slice(end + 4);
  const privileges = line.slice(0, end).split(", ");
  if (!names.includes('"')) {
    const [grantees, grantor] = names.split(" BY ");
    if (end > 0 && grantor !== undefined) return { privileges, grantees: grantees.split(", "), grantor };
  }
  const [, grantees, grantor] =
    /^((?:"(?:[^"]|"")*"|[^" ]+)(?:, (?:"(?:[^"]|"")*"|[^" ]+))*) BY ("(?:[^"]|"")*"|[^" ]+)$/.exec(names) ?? [];
  if (end <= 0 || grantees === undefined) throw new Error(`no line of grants: ${line}`);
  return { privileges, grantees: grantees.match(/"(?:[^"]|"")*"|[^", ]+/g)!, grantor };
}
