import type { ServerError } from "../../postgres/server_errors.ts";

interface Fault {
  sqlstate: RegExp;
  words: RegExp;
  /** Only where a function was running. */
  inFunction?: boolean;
  fix: string;
}

const then = "then make a new backup";

/** What is wrong in the database that was dumped, so that no dump of it restores before it is put right there. */
const faults: Fault[] = [
  {
    sqlstate: /^23505/,
    words: /^(could not create unique index|duplicate key value)/,
    fix:
      `At the source, find the duplicates and remove them; its unique index is damaged (see amcheck), so REINDEX it, ${then}.`,
  },
  {
    sqlstate: /^23503/,
    words: /violates foreign key constraint/,
    fix: `At the source, find the rows whose key points nowhere and put them right, or drop the constraint, ${then}.`,
  },
  {
    sqlstate: /^(23514|23502)/,
    words: /violates (check|not-null) constraint|^value for domain .* violates/,
    fix:
      `At the source, find the rows that break the constraint and put them right. A CHECK must not read other tables, nor ` +
      `change its mind: make it a trigger, ${then}.`,
  },
  {
    sqlstate: /^(42883|42P01|42704|42703|3F000)/,
    words: /does not exist/,
    inFunction: true,
    fix: "At the source, let the function named in the detail find what it uses: write schemas into it, or give it a " +
      `search_path (ALTER FUNCTION … SET search_path = …). A restore runs with an empty one. Fix it, ${then}.`,
  },
];

/** What to do at the source, if it is at fault. */
export function adviseSource(errors: ServerError[]): string | undefined {
  const found = faults.find(({ sqlstate, words, inFunction }) =>
    errors.some((error) => {
      const isOfIt = error.sqlstate === undefined ? words.test(error.message) : sqlstate.test(error.sqlstate);
      return isOfIt && (!inFunction || /\bfunction\b/.test(error.context ?? ""));
    })
  );
  return found?.fix;
}
