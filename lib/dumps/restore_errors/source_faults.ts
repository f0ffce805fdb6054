import {
  dependsOnSearchPath,
  extensionChangesLeftOut,
  partNeedsMore,
  partNeedsRows,
  systemSchemaLeftOut,
} from "../../manifest/source/findings.ts";
import type { ServerError } from "../../postgres/server_errors.ts";
import { isOneOf } from "../../system/define_finding.ts";
import type { Finding } from "../../verdict/verdict.ts";

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
      `At the source, find the duplicates and remove them. Their unique index is damaged (see amcheck), so REINDEX it, ${then}.`,
  },
  {
    sqlstate: /^23503/,
    words: /violates foreign key constraint/,
    fix: `At the source, find and correct the rows whose key refers to a missing row, or drop the constraint, ${then}.`,
  },
  {
    sqlstate: /^(23514|23502)/,
    words: /violates (check|not-null) constraint|^value for domain .* violates/,
    fix:
      `At the source, find and correct the rows that break the constraint. A CHECK must not read other tables, and its ` +
      `result must not change: otherwise make it a trigger, ${then}.`,
  },
  {
    sqlstate: /^(42883|42P01|42704|42703|3F000)/,
    words: /does not exist/,
    inFunction: true,
    fix: "At the source, change the function named in the detail: write schemas before the names in it, or give it a " +
      `search_path (ALTER FUNCTION … SET search_path = …). A restore runs with an empty search_path. Fix it, ${then}.`,
  },
  {
    sqlstate: /^(42723|42710|42P07|42P06)/,
    words: /already exists/,
    fix: "At the source, check whether this object belonged to an extension and was taken out of it (ALTER EXTENSION " +
      `… DROP). Add it again (ALTER EXTENSION … ADD), or drop it, ${then}.`,
  },
];

/** What the backup itself warned of, where a restore then fails because of it. */
const foreseenOfPart = [partNeedsMore, partNeedsRows];
const foreseen = [...foreseenOfPart, dependsOnSearchPath, systemSchemaLeftOut, extensionChangesLeftOut];

/**
 * What to do at the source, if it is at fault, or if the backup is of a part that was not chosen well.
 *
 * @param found What was found before the restore; the warnings of the backup are among it.
 */
export function adviseSource(errors: ServerError[], found: Finding[]): string | undefined {
  const warnings = found.filter((finding) => isOneOf(finding, ...foreseen));
  const part = warnings.find((finding) => isOneOf(finding, ...foreseenOfPart));
  if (part && errors.some(isAbsence)) {
    return `The backup holds a part that does not restore alone (${part.code}). ${part.fix} Another backup of the same ` +
      "part will fail too.";
  }
  const fix = adviseByError(errors);
  if (fix !== undefined || warnings.length === 0 || !errors.some(isAbsence)) return fix;
  const told = warnings.map((warning) => `${warning.code}: ${warning.fix}`);
  return `The backup warned about the probable cause. ${
    told.join(" ")
  } Then make a new backup: without that it fails as this one does.`;
}

/** Something is not there that the dump refers to. */
function isAbsence({ sqlstate, message }: ServerError): boolean {
  return sqlstate === undefined
    ? /does not exist|violates foreign key constraint/.test(message)
    : /^(42883|42P01|42704|42703|3F000|23503)/.test(sqlstate);
}

function adviseByError(errors: ServerError[]): string | undefined {
  const found = faults.find(({ sqlstate, words, inFunction }) =>
    errors.some((error) => {
      const isOfIt = error.sqlstate === undefined ? words.test(error.message) : sqlstate.test(error.sqlstate);
      return isOfIt && (!inFunction || /\bfunction\b/.test(error.context ?? ""));
    })
  );
  return found?.fix;
}
