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
    fix: "Bring them back from the bucket's versions or from its copy.",
  }),
  examples: [some],
});

export const objectsUnreadable = defineFinding({
  code: "OBJECTS_UNREADABLE",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["is there and cannot be read", "are there and cannot be read"]),
    fix: "Grant this host's role or user s3:GetObject on them, or bring them back from their archive.",
  }),
  examples: [some],
});

export const objectsWrongSize = defineFinding({
  code: "OBJECTS_WRONG_SIZE",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["has another size than the row says", "have another size than the row says"]),
    fix: "Bring the right versions back, or see whether rows and objects are of the same moment.",
  }),
  examples: [some],
});

export const objectsAltered = defineFinding({
  code: "OBJECTS_ALTERED",
  means: "fail",
  says: (facts: Faulty) => ({
    ...faulty(facts, ["has another hash or ETag than the row says", "have another hash or ETag than the row says"]),
    fix: "Bring the right versions back. An ETag also differs where a large object was copied: then give sha256.",
  }),
  examples: [some],
});

export const objectsNotReadable = defineFinding({
  code: "OBJECTS_NOT_READABLE",
  means: "unknown",
  says: ({ address, lookedAt, reasons }: { address: string; lookedAt: number; reasons: readonly string[] }) => ({
    message: `Not one of ${counted(lookedAt, "object")} in ${address} can be read.`,
    fix: "Grant this host's role or user s3:GetObject on the bucket's objects, or read permission on the directory.",
    detail: reasons.join("\n"),
  }),
  examples: [{ address: "s3://shop-proofs", lookedAt: 1204, reasons: ["STORE_FORBIDDEN: 1204"] }],
});

export const objectsNoneReferred = defineFinding({
  code: "OBJECTS_NONE_REFERRED",
  means: "fail",
  says: ({ check }: { check: string }) => ({
    message: `${check}: the query gives no key at all.`,
    fix: "See whether rows are missing or the query is wrong; minimum says how many there must be.",
  }),
  examples: [proofs],
});

export const objectsTooFewReferred = defineFinding({
  code: "OBJECTS_TOO_FEW_REFERRED",
  means: "fail",
  says: ({ check, referred }: { check: string; referred: number }) => ({
    message: `${check}: the query gives ${counted(referred, "key")}.`,
    fix: "See whether rows are missing or the query is wrong; minimum says how many there must be.",
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
  fix: "See whether rows are missing; else the objects can go, or orphan_age leaves out young ones.",
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
        message: `The query gives ${columns.join(", ")}, but no column named key.`,
        fix: "Name the column of the objects' keys so: SELECT object_key AS key ….",
      }),
      examples: [{ columns: ["object_key", "size"] }],
    },
    wrongColumn: {
      says: ({ column }: { column: string }) => ({
        message: `The query's column ${column} does not hold what its name says.`,
        fix: "Let it give size in bytes, sha256 in hex, base64 or as bytea, and at as a point in time.",
      }),
      examples: [{ column: "sha256" }],
    },
  },
});

export const etagUnknown = defineFinding({
  code: "ETAG_UNKNOWN",
  means: "unknown",
  says: ({ address }: { address: string }) => ({
    message: `${address} has no ETags, and the query gives some.`,
    fix: "Let the query give sha256 instead.",
  }),
  examples: [{ address: "/srv/proofs" }],
});

export const objectsSampled = defineNote({
  code: "OBJECTS_SAMPLED",
  says: ({ check, lookedAt, referred, seed }: { check: string; lookedAt: number; referred: number; seed: string }) => ({
    message: `${check}: ${counted(lookedAt, "object")} of ${referred} looked at, chosen with the seed ${seed}.`,
  }),
  examples: [{ check: "proofs", lookedAt: 100, referred: 1204, seed: "7d1c" }],
});

export const objectsNoneLookedAt = defineNote({
  code: "OBJECTS_NONE_LOOKED_AT",
  says: ({ check }: { check: string }) => ({ message: `${check}: no object was looked at.` }),
  examples: [proofs],
});
