/** A column's type after domains are unwrapped. */
export interface BaseType {
  /** `pg_type.typname`. */
  name: string;
  /** It came with the server, so its name means what it says. */
  isBuiltIn: boolean;
}

/** Hashed as they are: their hash functions see all of their bytes. */
const plainTypes = new Set(["bool", "bytea", "date", "int2", "int4", "oid", "uuid"]);

/** The same, given a collation whose hash sees all of their bytes. */
const collatedTypes = new Set(["name", "text", "varchar"]);

/** Hashed as their send function writes them; these formats are the same in PostgreSQL 14 to 18. */
const sendFunctions: Record<string, string> = {
  bit: "bit_send",
  char: "charsend", // its own hash differs between processors
  cidr: "cidr_send",
  inet: "inet_send",
  int8: "int8send",
  interval: "interval_send",
  macaddr: "macaddr_send",
  macaddr8: "macaddr8_send",
  money: "cash_send",
  numeric: "numeric_send",
  pg_lsn: "pg_lsn_send",
  time: "time_send",
  timestamp: "timestamp_send",
  timestamptz: "timestamptz_send",
  timetz: "timetz_send",
  varbit: "varbit_send",
  xid8: "xid8send",
};
for (const range of ["daterange", "int4range", "int8range", "numrange", "tsrange", "tstzrange"]) {
  sendFunctions[range] = "range_send";
  sendFunctions[range.replace("range", "multirange")] = "multirange_send";
}

/**
 * Hashed by what their output function writes. Their send functions write the same text, but in the client's encoding,
 * which may lack a character of it.
 */
const outFunctions: Record<string, string> = { bpchar: "bpcharout", json: "json_out", jsonb: "jsonb_out" };

/**
 * Writes the SQL expression whose hash stands for a column's value, so that it sees every bit that a dump carries, and
 * nothing else; NULL for NULL.
 *
 * Both halves matter. Hashed as they are, int8 and timestamps fold to 32 bits, numeric loses its scale and its sign,
 * floats -0, char(n) its blanks. But the stored bytes may also hold what no dump carries: the sign of a NaN, a null
 * bitmap that an array no longer needs, the encoding named in an XML declaration, the OID of a user's type. So a type is
 * hashed by its bytes only where they are known to say what its text says; every other type by its text.
 *
 * Needs the settings of `readExactly`: the text of some types depends on them. No cast a user defined is ever called:
 * `concat` writes with the type's output function, as COPY does, and unlike a call of it needs no EXECUTE on it.
 *
 * @param column The column as SQL, quoted.
 */
export function hashableForm(column: string, type: BaseType): string {
  if (!type.isBuiltIn) return textForm(column);
  if (plainTypes.has(type.name)) return column;
  if (collatedTypes.has(type.name)) return `${column} COLLATE pg_catalog."C"`;
  if (type.name in sendFunctions) return `pg_catalog.${sendFunctions[type.name]}(${column})`;
  if (type.name in outFunctions) {
    return `pg_catalog.textin(pg_catalog.${outFunctions[type.name]}(${column})) COLLATE pg_catalog."C"`;
  }
  if (type.name === "float4" || type.name === "float8") return floatForm(column, type.name);
  return textForm(column);
}

/** NaN has many bit patterns, and arithmetic makes other ones than a restore does; -0 has its own bit and keeps it. */
function floatForm(column: string, type: "float4" | "float8"): string {
  // Typed, or a domain's checks would see this constant.
  const nan = `'NaN'::pg_catalog.${type}`;
  return `pg_catalog.${type}send(CASE WHEN ${column} OPERATOR(pg_catalog.=) ${nan} THEN ${nan} ELSE ${column} END)`;
}

/**
 * A value as its output function writes it.
 *
 * IS NOT NULL would not do: of a composite value it asks whether all fields are set.
 */
export function textForm(column: string): string {
  return `CASE WHEN ${column} IS DISTINCT FROM NULL THEN pg_catalog.concat(${column}) END COLLATE pg_catalog."C"`;
}

/**
 * Writes the SQL expression, an int8, that spreads keys over buckets.
 *
 * Keys that share a value here only share a bucket, so the fast hash functions that fold are good enough.
 */
export function keyHash(columns: { sql: string; type: BaseType }[]): string {
  const [{ sql, type }] = columns;
  const fast: Record<string, string> = {
    int4: "hashint4extended",
    int8: "hashint8extended",
    uuid: "uuid_hash_extended",
  };
  if (columns.length === 1 && type.isBuiltIn && type.name in fast) {
    return `pg_catalog.${fast[type.name]}(${sql}, 0)`;
  }
  const forms = columns.map((column) => hashableForm(column.sql, column.type));
  return `pg_catalog.hash_record_extended(ROW(${forms.join(", ")}), 0)`;
}
