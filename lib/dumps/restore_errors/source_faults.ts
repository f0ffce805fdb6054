import {
  dependsOnSearchPath,
  extensionChangesLeftOut,
  partNeedsMore,
  partNeedsRows,
  systemSchemaLeftOut,
} from "../../manifest/source/findings.ts";
import type { RestoreFault } from "../../postgres/findings/dumps.ts";
import type { ServerError } from "../../postgres/server_errors.ts";
import { isOneOf } from "../../system/define_finding.ts";
import type { Finding } from "../../verdict/verdict.ts";

/** How the server says that the database that was dumped is at fault. */
interface Fault {
  sqlstate: RegExp;
  words: RegExp;
  /** Only where a function was running. */
  inFunction?: boolean;
  atSource: Extract<RestoreFault, { atSource: string }>["atSource"];
}

const faults: Fault[] = [
  {
    sqlstate: /^23505/,
    words: /^(could not create unique index|duplicate key value)/,
    atSource: "duplicates",
  },
  { sqlstate: /^23503/, words: /violates foreign key constraint/, atSource: "missing_keys" },
  {
    sqlstate: /^(23514|23502)/,
    words: /violates (check|not-null) constraint|^value for domain .* violates/,
    atSource: "constraints",
  },
  {
    sqlstate: /^(42883|42P01|42704|42703|3F000)/,
    words: /does not exist/,
    inFunction: true,
    atSource: "search_path",
  },
  { sqlstate: /^(42723|42710|42P07|42P06)/, words: /already exists/, atSource: "extension_members" },
];

/** What the backup itself warned of, where a restore then fails because of it. */
const foreseenOfPart = [partNeedsMore, partNeedsRows];
const foreseen = [...foreseenOfPart, dependsOnSearchPath, systemSchemaLeftOut, extensionChangesLeftOut];

/**
 * What is wrong at the source, or that the backup is of a part that was not chosen well; `undefined` if neither is known.
 *
 * @param found What was found before the restore; the warnings of the backup are among it.
 */
export function findFault(errors: ServerError[], found: Finding[]): RestoreFault | undefined {
  const warnings = found.filter((finding) => isOneOf(finding, ...foreseen));
  const part = warnings.find((finding) => isOneOf(finding, ...foreseenOfPart));
  const isSomethingAbsent = errors.some(isAbsence);
  if (part && isSomethingAbsent) return { part };
  const fault = faults.find((fault) => errors.some((error) => isOf(error, fault)));
  if (fault) return { atSource: fault.atSource };
  return warnings.length > 0 && isSomethingAbsent ? { warnings } : undefined;
}

/** Something is not there that the dump refers to. */
function isAbsence({ sqlstate, message }: ServerError): boolean {
  return sqlstate === undefined
    ? /does not exist|violates foreign key constraint/.test(message)
    : /^(42883|42P01|42704|42703|3F000|23503)/.test(sqlstate);
}

function isOf(error: ServerError, { sqlstate, words, inFunction }: Fault): boolean {
  const isSaid = error.sqlstate === undefined ? words.test(error.message) : sqlstate.test(error.sqlstate);
  return isSaid && (!inFunction || /\bfunction\b/.test(error.context ?? ""));
}
