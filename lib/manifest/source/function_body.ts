/** What is known of the names in a database, lower case where they are written without quotes. */
export interface KnownNames {
  /** Relations outside of pg_catalog. */
  relations: ReadonlySet<string>;
  /** Functions outside of pg_catalog that no function of pg_catalog shares its name with. */
  functions: ReadonlySet<string>;
  /** Types outside of pg_catalog. */
  types: ReadonlySet<string>;
}

/** What a function's body, SQL or PL/pgSQL, says of other objects. */
interface BodyNames {
  /** Relations that it reads, as written. */
  reads: string[];
  /** Relations, functions and types that it finds by search_path only. */
  unqualified: string[];
  /** Names of functions that it calls, without their schema. */
  calls: string[];
}

const identifier = String.raw`(?:[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|"(?:[^"]|"")+")`;
const reference = new RegExp(
  String
    .raw`(?:\b(from|join|using|only|into|update)\s+|(::)\s*)?(?<![\w$."])(${identifier}(?:\s*\.\s*${identifier})*)(\s*\()?`,
  "gi",
);

/** Finds names in a body by its words: it takes no part of SQL's grammar, so what it says is a hint and no proof. */
export function namesInBody(body: string, known: KnownNames): BodyNames {
  const reads = new Set<string>();
  const unqualified = new Set<string>();
  const calls = new Set<string>();
  for (const [, keyword = "", cast, written, parenthesis] of withoutText(body).matchAll(reference)) {
    const parts = written.split(/\s*\.\s*/).map(plainName);
    const name = parts.at(-1)!;
    const isQualified = parts.length > 1;
    if (parenthesis && !/^(from|join|using|only)$/i.test(keyword)) {
      calls.add(name);
      if (!isQualified && known.functions.has(name)) unqualified.add(`${written}()`);
    } else if (cast) {
      if (!isQualified && known.types.has(name)) unqualified.add(written);
    } else if (keyword && known.relations.has(name)) {
      reads.add(written);
      if (!isQualified) unqualified.add(written);
    }
  }
  return { reads: [...reads], unqualified: [...unqualified], calls: [...calls] };
}

function plainName(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase();
}

/** Without comments and string constants. */
function withoutText(body: string): string {
  return body.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$([a-z_]*)\$[\s\S]*?\$\1\$/gi, " ");
}
