import { roleMissing } from "../../manifest/globals/findings.ts";
import type { ServerError } from "../../postgres/server_errors.ts";
import type { OperatorError } from "../../system/operator_error.ts";
import type { Finding } from "../../verdict/verdict.ts";
import {
  accessMethodMissing,
  collationUnavailable,
  extensionNotCreated,
  extensionUnavailable,
  labelProviderMissing,
  languageMissing,
  libraryMissing,
  oidsUnsupported,
  preloadMissing,
  tablespaceMissing,
  textSearchFileMissing,
} from "../../targets/findings.ts";

/** Something that a dump needs and the server that is restored into has not. */
interface Lack {
  /** What the server says of it; the first group that matched is the name. */
  said: RegExp;
  lack: Lacking;
}

/** What says that something is lacking, or is of no use. */
interface Lacking {
  (facts: { names: string }): Finding;
  error(facts: { names: string }, options: { cause: Finding }): OperatorError;
}

const lacks: Lack[] = [
  {
    said: /^role "(.*)" does not exist/,
    lack: roleMissing.restoring,
  },
  {
    said:
      /^(?:extension "(.*)" is not available|extension "(.*)" has no installation script|could not open extension control file ".*\/(.*)\.control"|required extension "(.*)" is not installed)/,
    lack: extensionUnavailable,
  },
  {
    said: /^(?:tablespace "(.*)" does not exist|invalid value for parameter "default_tablespace": "(.*)")/,
    lack: tablespaceMissing,
  },
  {
    said:
      /^(?:collation "(.*)" for encoding ".*" does not exist|could not create locale "(.*)":|could not open collator for locale "(.*)":|ICU locale "(.*)" has unknown language)/,
    lack: collationUnavailable.restoring,
  },
  {
    said:
      /^(?:could not access file "(.*)":|could not load library "(.*)":|could not find function ".*" in file "(.*)")/,
    lack: libraryMissing,
  },
  {
    said:
      /^(?:(?:extension )?"?([\w-]+)"? (?:can only be loaded via|must be loaded via|must be preloaded|requires).*|.*\bshared_preload_libraries\b.*)/,
    lack: preloadMissing,
  },
  {
    said: /^could not open (?:stop-word|dictionary|affix|thesaurus|synonym) file "(.*)":/,
    lack: textSearchFileMissing,
  },
  {
    said: /^(?:security label provider "(.*)" is not loaded|(no security label providers) have been loaded)/,
    lack: labelProviderMissing,
  },
  {
    said: /^(?:access method "(.*)" does not exist|invalid value for parameter "default_table_access_method": "(.*)")/,
    lack: accessMethodMissing,
  },
  {
    said: /^language "(.*)" does not exist/,
    lack: languageMissing,
  },
  {
    said: /^(tables declared WITH OIDS) are not supported/,
    lack: oidsUnsupported,
  },
];

/** Names what a restore lacked on its server, each kind once. */
export function findLacks(errors: ServerError[]): OperatorError[] {
  return lacks.flatMap(({ said, lack }) => {
    const names = new Set(errors.flatMap((error) => nameIn(error, said)));
    return names.size === 0 ? [] : [toError(lack, names)];
  });
}

/** The finding that it will be is its cause: it names the object. */
function toError(lack: Lacking, given: Set<string>): OperatorError {
  const names = [...given].join(", ");
  return lack.error({ names }, { cause: lack({ names }) });
}

function nameIn({ message, hint = "" }: ServerError, said: RegExp): string[] {
  const match = said.exec(message) ?? (said.source.includes("shared_preload") ? said.exec(hint) : null);
  if (!match) return [];
  return [match.slice(1).find(Boolean) ?? /"([^"]+)"/.exec(message)?.[1] ?? message];
}

/** Names extensions that are there and could not be made: what says so comes after why. */
export function findNotCreated(errors: ServerError[]): OperatorError[] {
  const names = new Set(errors.flatMap(({ message }) => /^extension "(.*)" does not exist/.exec(message)?.[1] ?? []));
  return names.size === 0 ? [] : [toError(extensionNotCreated, names)];
}
