import type { ArchiveEntry } from "../postgres/archive_contents.ts";
import { readNamePattern, readSchemaPattern } from "../postgres/name_pattern.ts";
import type { OperatorError } from "../system/operator_error.ts";
import { nearestWord } from "../system/nearest_word.ts";
import type { ArchivePart, Subset } from "./subset.ts";
import { nothingSelected, selectionIncomplete } from "./findings.ts";

/** What holds rows, or looks like it. */
const relationKinds = new Set(["TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE"]);
/** What hangs on a table and is named after it: `table name`. */
const hangingKinds = new Set([
  "CONSTRAINT",
  "CHECK CONSTRAINT",
  "FK CONSTRAINT",
  "TRIGGER",
  "RULE",
  "POLICY",
  "DEFAULT",
]);
/** What bears its relation's own name. */
const dataKinds = new Set([
  ...["TABLE DATA", "MATERIALIZED VIEW DATA", "SEQUENCE SET", "SEQUENCE OWNED BY", "ROW SECURITY", "STATISTICS DATA"],
]);
const remarkKinds = new Set(["COMMENT", "SECURITY LABEL", "ACL"]);
const settings = new Set(["ENCODING", "STDSTRINGS", "SEARCHPATH"]);

/**
 * Chooses what belongs to the schemas and tables that an operator named: all that hangs on a table, its partitions, and,
 * for a new database, the types, functions and schemas that it needs.
 *
 * In place, the foreign keys of others come with it: they go while the table is replaced.
 *
 * @throws {OperatorError} `NOTHING_SELECTED`, `SELECTION_INCOMPLETE`, `PATTERN_INVALID`
 */
export function chooseArchivePart(
  archive: readonly ArchiveEntry[],
  subset: Subset,
  { isInPlace }: { isInPlace: boolean },
): ArchivePart {
  const chosen = new Set<ArchiveEntry>(selected(archive, subset));
  const byId = new Map(archive.map((entry) => [entry.id, entry]));
  const needsOf = ({ needs }: ArchiveEntry) => needs.flatMap((id) => byId.get(id) ?? []);
  const needsChosen = (entry: ArchiveEntry, of: (needed: ArchiveEntry) => boolean) =>
    needsOf(entry).some((needed) => chosen.has(needed) && of(needed));
  const belongs = (entry: ArchiveEntry): boolean => {
    const { kind, schema, name } = entry;
    const isOn = (relation: ArchiveEntry) => relationKinds.has(relation.kind) && relation.schema === schema;
    if (remarkKinds.has(kind)) return entry.needs.length > 0 && needsOf(entry).every((needed) => chosen.has(needed));
    if (hangingKinds.has(kind)) {
      return needsChosen(entry, (relation) => isOn(relation) && name.startsWith(`${relation.name} `)) ||
        (isInPlace && kind === "FK CONSTRAINT" && needsChosen(entry, () => true));
    }
    if (dataKinds.has(kind)) return needsChosen(entry, (relation) => isOn(relation) && name === relation.name);
    if (kind === "INDEX" || kind === "SEQUENCE") return needsChosen(entry, isOn);
    if (kind === "STATISTICS") return needsChosen(entry, ({ kind }) => relationKinds.has(kind));
    if (kind === "PUBLICATION TABLE") return isInPlace && needsChosen(entry, ({ kind }) => kind === "TABLE");
    if (kind === "TABLE ATTACH" || kind === "INDEX ATTACH") {
      const needed = needsOf(entry);
      return isInPlace ? needed.some((each) => chosen.has(each)) : needed.every((each) => chosen.has(each));
    }
    return false;
  };
  for (let grown = -1; grown < chosen.size;) {
    grown = chosen.size;
    for (const entry of archive) {
      if (!chosen.has(entry) && belongs(entry)) chosen.add(entry);
      // Rows of a partitioned table lie in its partitions.
      if (entry.kind === "TABLE ATTACH") {
        const [partition, parent] = needsOf(entry);
        if (parent && partition && chosen.has(parent)) chosen.add(partition);
      }
    }
  }
  for (const entry of archive) if (settings.has(entry.kind)) chosen.add(entry);
  if (isInPlace) return { entries: archive.filter((entry) => chosen.has(entry)), foreignKeysLeftOut: [], detached: [] };

  const foreignKeysLeftOut = [...chosen].filter((entry) =>
    entry.kind === "FK CONSTRAINT" && needsOf(entry).some((needed) => !chosen.has(needed))
  );
  for (const entry of foreignKeysLeftOut) chosen.delete(entry);
  for (const entry of archive) {
    if (remarkKinds.has(entry.kind) && needsOf(entry).some((needed) => foreignKeysLeftOut.includes(needed))) {
      chosen.delete(entry);
    }
  }
  const detached = archive.flatMap((entry) => {
    const [partition, parent] = entry.kind === "TABLE ATTACH" ? needsOf(entry) : [];
    return partition && chosen.has(partition) && !chosen.has(parent) ? [partition] : [];
  });
  addNeeded(archive, chosen, needsOf, new Set(detached));
  return { entries: archive.filter((entry) => chosen.has(entry)), foreignKeysLeftOut, detached };
}

/** Types, functions and the like come along; a table that was not named does not. */
function addNeeded(
  archive: readonly ArchiveEntry[],
  chosen: Set<ArchiveEntry>,
  needsOf: (entry: ArchiveEntry) => ArchiveEntry[],
  detached: ReadonlySet<ArchiveEntry>,
): void {
  const incomplete = new Map<ArchiveEntry, ArchiveEntry>();
  const isOfDetached = (entry: ArchiveEntry) =>
    detached.has(entry) || needsOf(entry).some((each) => detached.has(each));
  const queue = [...chosen];
  for (let entry; (entry = queue.pop());) {
    const schema = archive.find(({ kind, name }) => kind === "SCHEMA" && name === entry!.schema);
    for (const needed of [...needsOf(entry), ...(schema && schema.name !== "public" ? [schema] : [])]) {
      if (chosen.has(needed)) continue;
      const isOfTable = needed.kind !== "SEQUENCE" && relationKinds.has(needed.kind) ||
        hangingKinds.has(needed.kind) || needed.kind === "INDEX";
      if (isOfTable) {
        if (!isOfDetached(entry)) incomplete.set(needed, entry);
        continue;
      }
      const withIt = archive.filter((each) =>
        (remarkKinds.has(each.kind) || each.kind === "SEQUENCE SET") && each.needs.length > 0 &&
        each.needs.every((id) => id === needed.id)
      );
      for (const each of [needed, ...withIt]) {
        if (!chosen.has(each)) queue.push(each);
        chosen.add(each);
      }
    }
  }
  const [first] = [...incomplete].filter(([needed]) => relationKinds.has(needed.kind));
  if (!first) return;
  const [needed, entry] = first;
  throw selectionIncomplete.error({
    entry: describeEntry(entry),
    needed: describeEntry(needed),
    name: `${needed.schema}.${needed.name}`,
  });
}

/** `table public.orders`. */
export function describeEntry({ kind, schema, name }: ArchiveEntry): string {
  const [table, ...rest] = hangingKinds.has(kind) ? name.split(" ") : [name];
  const of = (name: string) => (schema ? `${schema}.${name}` : name);
  return `${kind.toLowerCase()} ${rest.length > 0 ? `${rest.join(" ")} on ${of(table)}` : of(name)}`;
}

function selected(archive: readonly ArchiveEntry[], { schemas, tables }: Subset): ArchiveEntry[] {
  const ofSchemas = archive.filter(({ kind }) => kind === "SCHEMA").map(({ name }) => name);
  const known = [...new Set([...ofSchemas, ...archive.flatMap(({ schema }) => schema || [])])];
  const meant = new Set(schemas.flatMap((text) => {
    const found = known.filter(readSchemaPattern(text, known));
    if (found.length === 0) throw nothing("schema", text, known, known);
    return found;
  }));
  const relations = archive.filter(({ kind, schema }) =>
    relationKinds.has(kind) && (schemas.length === 0 || meant.has(schema))
  );
  if (tables.length > 0) {
    return tables.flatMap((text) => {
      const pattern = readNamePattern(text, relations);
      const found = relations.filter((relation) => pattern.matches(relation));
      if (found.length > 0) return found;
      const whole = relations.map(({ schema, name }) => `${schema}.${name}`);
      throw nothing("table", text, text.includes(".") ? whole : relations.map(({ name }) => name), whole);
    });
  }
  return archive.filter(({ kind, schema, name }) =>
    kind === "SCHEMA" ? meant.has(name) : schema !== "" && meant.has(schema) && kind !== "PUBLICATION TABLE"
  );
}

function nothing(what: "schema" | "table", text: string, words: string[], names: string[]): OperatorError {
  return nothingSelected.error({ what, text, names, nearest: nearestWord(text, words) });
}
