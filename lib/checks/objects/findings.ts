import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

/** Some of the objects that rows refer to, in a bucket. */
interface Faulty {
  check: string;
  address: string;
  count: number;
  lookedAt: number;
  /** Their names, where they may be shown. */
  shown: readonly string[];
}
const proofs = { check: "proofs", address: "s3://shop-proofs" };
const some = { ...proofs, count: 3, lookedAt: 1204, shown: [] };

function faulty({ check, address, count, lookedAt, shown }: Faulty, [one, many]: [string, string]) {
  return {
    message: `${check}: ${count} of ${counted(lookedAt, "object")} in ${address} ${count === 1 ? one : many}.`,
    detail: shown.length > 0 ? shown.join("\n") : undefined,
  };
}

export const objectsMissing = defineFinding({
  code: "OBJECTS_MISSING",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["is missing", "are missing"]),
    fix: "Restore them from the bucket's versions or from its copy.",
  }),
  examples: [some],
});

export const objectsUnreadable = defineFinding({
  code: "OBJECTS_UNREADABLE",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["exists but cannot be read", "exist but cannot be read"]),
    fix: "Grant this host's role or user s3:GetObject on them, or restore them from their archive.",
  }),
  examples: [some],
});

export const objectsWrongSize = defineFinding({
  code: "OBJECTS_WRONG_SIZE",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["differs in size from its row", "differ in size from their rows"]),
    fix: "Restore the right versions, or check that rows and objects are from the same moment.",
  }),
  examples: [some],
});

export const objectsAltered = defineFinding({
  code: "OBJECTS_ALTERED",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["differs in hash or ETag from its row", "differ in hash or ETag from their rows"]),
    fix: "Restore the right versions. An ETag also differs if a large object was copied; then use sha256.",
  }),
  examples: [some],
});

export const objectsNotReadable = defineFinding({
  code: "OBJECTS_NOT_READABLE",
  means: "unknown",
  says: ({ address, lookedAt, reasons }: { address: string; lookedAt: number; reasons: readonly string[] }) => ({
    message: `None of ${counted(lookedAt, "object")} in ${address} can be read.`,
    fix: "Grant this host's role or user s3:GetObject on the bucket's objects, or read permission on the directory.",
    detail: reasons.join("\n"),
  }),
  examples: [{ address: "s3://shop-proofs", lookedAt: 1204, reasons: ["STORE_FORBIDDEN: 1204"] }],
});

export const objectsNoneReferred = defineFinding({
  code: "OBJECTS_NONE_REFERRED",
  means: "fail",
  says: ({ check }: { check: string }) => ({
    message: `${check}: the query returned no keys.`,
    fix: 'Check whether rows are missing or the query is wrong. "minimum" sets how many keys there must be.',
  }),
  examples: [proofs],
});

export const objectsTooFewReferred = defineFinding({
  code: "OBJECTS_TOO_FEW_REFERRED",
  means: "fail",
  says: ({ check, referred }: { check: string; referred: number }) => ({
    message: `${check}: the query returned only ${counted(referred, "key")}.`,
    fix: 'Check whether rows are missing or the query is wrong. "minimum" sets how many keys there must be.',
  }),
  examples: [{ ...proofs, referred: 12 }],
});

/** Objects that no row refers to. */
interface Orphaned {
  check: string;
  address: string;
  count: number;
}
const orphaned = ({ check, address, count }: Orphaned) =>
  `${check}: no row refers to ${counted(count, "object")} in ${address}.`;
const sayOrphaned = ({ shown, ...facts }: Orphaned & { shown: readonly string[] }) => ({
  message: orphaned(facts),
  fix: "Check whether rows are missing. If not, you can delete the objects; orphan_age leaves out recent ones.",
  detail: shown.length > 0 ? shown.join("\n") : undefined,
});

export const objectsOrphaned = defineFindings({
  code: "OBJECTS_ORPHANED",
  means: "fail",
  situations: {
    failing: { says: sayOrphaned, examples: [{ ...proofs, count: 4, shown: [] }] },
    warned: { means: "warning", says: sayOrphaned, examples: [{ ...proofs, count: 4, shown: [] }] },
  },
});

export const objectsQueryWrong = defineFindings({
  code: "OBJECTS_QUERY_WRONG",
  means: "unknown",
  situations: {
    noKey: {
      says: ({ columns }: { columns: readonly string[] }) => ({
        message: `The query returns ${columns.join(", ")}, but no column named key.`,
        fix: 'Name the column with the keys of the objects "key": SELECT object_key AS key ….',
      }),
      examples: [{ columns: ["object_key", "size"] }],
    },
    wrongColumn: {
      says: ({ column }: { column: string }) => ({
        message: `The query's column ${column} holds values of the wrong kind.`,
        fix: "Return size in bytes, sha256 in hex, base64 or as bytea, and at as a timestamp.",
      }),
      examples: [{ column: "sha256" }],
    },
  },
});

export const etagUnknown = defineFinding({
  code: "ETAG_UNKNOWN",
  means: "unknown",
  says: ({ address }: { address: string }) => ({
    message: `The query returns ETags, but ${address} has none.`,
    fix: "Return sha256 instead.",
  }),
  examples: [{ address: "/srv/proofs" }],
});

export const objectsSampled = defineNote({
  code: "OBJECTS_SAMPLED",
  says: ({ check, lookedAt, referred, seed }: { check: string; lookedAt: number; referred: number; seed: string }) => ({
    message: `${check}: looked at ${counted(lookedAt, "object")} of ${referred}, chosen with the seed ${seed}.`,
  }),
  examples: [{ check: "proofs", lookedAt: 100, referred: 1204, seed: "7d1c" }],
});

export const objectsNoneLookedAt = defineNote({
  code: "OBJECTS_NONE_LOOKED_AT",
  says: ({ check }: { check: string }) => ({ message: `${check}: no object was looked at.` }),
  examples: [proofs],
});
