import { createTwoFilesPatch } from "diff";
import type { Finding, Note } from "../../verdict/verdict.ts";
import type { CapturedDatabase } from "../capture_database.ts";
import type { ComparisonOptions, PartialDifferences } from "./differences.ts";
import { type Definition, grantKinds } from "../definitions/definitions.ts";
import { sameDefinitions } from "../judge/same_definitions.ts";
import type { Manifest } from "../manifest.ts";
import {
  definitionDiffers,
  definitionMissing,
  definitionsNotJudged,
  definitionUnexpected,
  extensionVersionDiffers,
  schemaPublicAdded,
  unknownOptionDiffers,
} from "./findings.ts";

const longestDiffLines = 40;

/** Compares every definition; owners and grants are compared by themselves. */
export async function compareDefinitions(
  manifest: Manifest,
  restored: CapturedDatabase,
  { inScratchTransaction }: ComparisonOptions,
): Promise<PartialDifferences> {
  const findings: Finding[] = [];
  const notes: Note[] = [];
  const isCompared = ({ kind }: Definition) => !grantKinds.has(kind);
  const actual = new Map(restored.definitions.filter(isCompared).map((found) => [keyOf(found), found]));
  const lost = new Set<string>();
  const pairs: [expected: Definition, found: Definition][] = [];
  for (const expected of manifest.definitions.filter(isCompared)) {
    const found = actual.get(keyOf(expected));
    actual.delete(keyOf(expected));
    if (found) {
      pairs.push([expected, found]);
    } else {
      if (expected.kind === "table") lost.add(expected.identity);
      findings.push(definitionMissing(identified(expected)));
    }
  }
  const differingPairs = pairs.filter(([expected, found]) => found.definition !== expected.definition);
  const sourceVersion = manifest.postgres.server_version_num;
  const { same, unjudged } = await sameDefinitions(differingPairs, inScratchTransaction);
  for (const [expected, found] of pairs) {
    const isSame = found.definition === expected.definition || same.has(expected) ||
      sameBeforeVersion(expected, found, sourceVersion);
    if (isSame) continue;
    if (expected.kind === "extension" && sameButVersion(expected, found)) {
      // A restore installs the version that its host has.
      notes.push(otherVersion(expected, found));
    } else {
      findings.push(differing(expected, found));
    }
  }
  if (unjudged.size > 0) notes.push(notJudged(unjudged));
  notes.push(...unknownOptionNotes(pairs));
  for (const found of actual.values()) {
    // Every new database has it; that the source had none, pg_dump cannot say. Whatever is in it is compared.
    if (found.kind === "schema" && found.identity === "public") notes.push(schemaPublicAdded());
    else findings.push(definitionUnexpected(identified(found)));
  }
  return { findings: findings.filter((finding) => !goesWith(lost, finding)), notes };
}

function notJudged(unjudged: ReadonlyMap<Definition, string>): Note {
  const [[{ identity: first }, obstacle]] = unjudged;
  return definitionsNotJudged({ count: unjudged.size, first, obstacle });
}

function keyOf({ kind, identity }: Definition): string {
  return `${kind}\0${identity}`;
}

/** What hangs on a table that is missing is missing with it: one finding is enough. */
function goesWith(lost: Set<string>, { object, code }: Finding): boolean {
  // The table itself comes from the comparison of rows.
  if (!definitionMissing.codes.includes(code) || code === tableMissing) return false;
  return [...lost].some((table) => object?.endsWith(` on ${table}`));
}

const tableMissing = definitionMissing({ kind: "table", object: "" }).code;

function identified({ kind, identity: object, definition }: Definition) {
  return { kind, object, definition };
}

function differing({ kind, identity: object, definition: expected }: Definition, found: Definition): Finding {
  const { definition: actual } = found;
  return definitionDiffers({ kind, object, difference: shortDiff(expected, actual), expected, actual });
}

const versionLine = /^VERSION .*$/m;

function sameButVersion(expected: Definition, actual: Definition): boolean {
  return expected.definition.replace(versionLine, "") === actual.definition.replace(versionLine, "");
}

function otherVersion(expected: Definition, actual: Definition): Note {
  const [before, now] = [expected, actual].map(({ definition }) => versionLine.exec(definition)?.[0].slice(8));
  return extensionVersionDiffers({ extension: expected.identity, before, now });
}

/** The lines that differ, with one line around them. */
function shortDiff(expected: string, actual: string): string {
  const patch = createTwoFilesPatch("expected", "actual", expected, actual, "", "", { context: 1 });
  const lines = patch.split("\n").slice(3).filter((line) => !line.startsWith("\\"));
  return lines.length <= longestDiffLines
    ? lines.join("\n").trimEnd()
    : [...lines.slice(0, longestDiffLines), `… ${lines.length - longestDiffLines} more lines`].join("\n");
}

/**
 * Whether two definitions differ only in what the source's version had no word for.
 *
 * Before PostgreSQL 16 every subscription ran as its owner. pg_dump 16 and newer say so of them, older ones do not.
 *
 * @param sourceVersion `server_version_num` of the source.
 */
function sameBeforeVersion(expected: Definition, found: Definition, sourceVersion: number): boolean {
  if (expected.kind !== "subscription" || sourceVersion >= 160000) return false;
  return found.definition.replace(/^RUN AS OWNER\n?/m, "").trimEnd() === expected.definition;
}

/**
 * Notes which options, unknown to be a user's, differ between two databases: a newer server keeps some for itself.
 *
 * @param pairs An object as it was and as it is.
 */
function unknownOptionNotes(pairs: Iterable<[expected: Definition, found: Definition]>): Note[] {
  const objects = new Map<string, Set<string>>();
  for (const [{ identity, unknown_options: before = [] }, { unknown_options: now = [] }] of pairs) {
    const differing = new Set(before).symmetricDifference(new Set(now));
    for (const option of differing) {
      const name = option.replace(/^column .*: (?=[^:]*=)/s, "").split("=", 1)[0];
      objects.set(name, (objects.get(name) ?? new Set()).add(identity));
    }
  }
  return [...objects].map(([name, identities]) => {
    const [first, ...others] = identities;
    return unknownOptionDiffers({ option: name, first, more: others.length });
  });
}
