import { defineFinding, defineFindings } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

export const markOnStandby = defineFinding({
  code: "MARK_ON_STANDBY",
  means: "unknown",
  says: ({ server }: { server: string }) => ({
    message: `The server ${server} is a standby: nothing can be written into its WAL.`,
    fix: "Run mark against the primary.",
    object: server,
  }),
  examples: [{ server: "db2:5432" }],
});

export const markUnusable = defineFindings({
  code: "MARK_UNUSABLE",
  means: "unknown",
  situations: {
    noPlace: {
      says: ({ mark }: { mark: string }) => ({
        message: `The manifest ${mark} does not say where in the WAL its snapshot was taken.`,
        fix: "Use a manifest that this version, or a newer one, made on a primary.",
        object: mark,
      }),
      examples: [{ mark: "shop-20260102T030405Z" }],
    },
    part: {
      says: ({ mark }: { mark: string }) => ({
        message: `The manifest ${mark} is of a part of its database. A recovered cluster holds all of it.`,
        fix: "Use a manifest of the whole database, made by a role that row security does not bind.",
        object: mark,
      }),
      examples: [{ mark: "shop-20260102T030405Z" }],
    },
    otherCluster: {
      says: ({ mark, expected, actual }: { mark: string; expected: string; actual: string }) => ({
        message: `The manifest ${mark} is of the cluster ${expected}; the physical backup is of the cluster ${actual}.`,
        fix: "Name a manifest of the same cluster.",
        object: mark,
      }),
      examples: [{ mark: "shop-20260102T030405Z", expected: "7301234567890123456", actual: "7309876543210987654" }],
    },
  },
});

export const markNotSeparable = defineFinding({
  code: "MARK_NOT_SEPARABLE",
  means: "unknown",
  says: ({ mark, count }: { mark: string; count: number }) => ({
    message: `No place in the WAL shows what the manifest ${mark} shows: the nearest also shows ${
      counted(count, "later transaction")
    }. The rows were not compared.`,
    fix: "The transactions were committed while the snapshot was taken. Drill with another manifest.",
    object: mark,
  }),
  examples: [{ mark: "shop-20260102T030405Z", count: 2 }],
});
