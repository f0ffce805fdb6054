import type { Definition } from "../../manifest/definitions.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { liveObjectLost } from "./findings/outcome.ts";

/**
 * What a database had before it was overwritten, and does not have any more: indexes, columns and the like that are newer
 * than the backup went with their tables.
 */
export function findLost(
  before: readonly Definition[],
  after: readonly Definition[],
  { isPart }: {
    /** Whether a part of a backup was restored: of all of it, being as it was is what was asked for. */
    isPart: boolean;
  },
): Finding[] {
  const lost = (what: string, object: string, definition: string) =>
    liveObjectLost({ what, object, definition, isAsked: !isPart });
  const now = new Map(after.map((definition) => [keyOf(definition), definition]));
  return before.flatMap((had): Finding[] => {
    const has = now.get(keyOf(had));
    if (!has) return [lost(`${had.kind.replaceAll("_", " ")} ${had.identity}`, had.identity, had.definition)];
    const columns = columnsOf(had).filter(([name]) => !columnsOf(has).some(([other]) => other === name));
    const kept = grantsOf(has);
    const grants = grantsOf(had).filter((grant) => !kept.includes(grant));
    return [
      ...columns.map(([name, line]) => lost(`column ${name} of ${had.identity}`, had.identity, line)),
      ...(grants.length > 0 ? [lost(`grants on ${had.identity}`, had.identity, grants.join("\n"))] : []),
    ];
  });
}

function grantsOf({ acl = [], column_acl = [] }: Definition): string[] {
  return [...acl, ...column_acl];
}

function keyOf({ kind, identity }: Definition): string {
  return `${kind}\0${identity}`;
}

function columnsOf({ kind, definition }: Definition): [name: string, line: string][] {
  if (kind !== "table") return [];
  return [...definition.matchAll(/^column ("(?:[^"]|"")*"|\S+) .*$/gm)].map(([line, name]) => [name, line]);
}
