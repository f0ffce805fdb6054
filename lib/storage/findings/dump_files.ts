import { defineFinding, defineFindings } from "../../system/define_finding.ts";

// What is wrong with a file of a dump, whether it lies in a directory or was just fetched.

export const dumpFileMissing = defineFindings({
  code: "DUMP_FILE_MISSING",
  means: "fail",
  situations: {
    here: {
      says: ({ path }: { path: string }) => ({
        message: `${path} is missing, but the manifest names it.`,
        fix: "The backup was copied only in part. Fetch it again, or use another one.",
        object: path,
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump/4211.dat" }],
    },
    inStore: {
      says: ({ path }: { path: string }) => ({
        message: `${path} is missing, but the manifest names it.`,
        fix: "The backup was copied only in part. Use another one.",
      }),
      examples: [{ path: "shop-20260102T030405Z.dump" }],
    },
    sinceSigned: {
      says: ({ path, expected }: { path: string; expected: unknown }) => ({
        message: `${path} does not exist.`,
        fix: "Use a whole copy of the backup.",
        object: path,
        expected,
      }),
      examples: [{ path: "shop-20260102T030405Z.dump", expected: "9f86d08…" }],
    },
  },
});

export const dumpAltered = defineFindings({
  code: "DUMP_ALTERED",
  means: "fail",
  situations: {
    file: {
      says: ({ path, expected, actual }: { path: string; expected: unknown; actual: unknown }) => ({
        message: `${path} does not match the manifest.`,
        fix:
          "It was damaged or replaced, or the manifest belongs to another backup. Use a backup whose dump and manifest match.",
        object: path,
        expected,
        actual,
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump", expected: "9f86d08…", actual: "60303ae…" }],
    },
    sinceSigned: {
      says: ({ path, expected, actual }: { path: string; expected: unknown; actual: unknown }) => ({
        message: `${path} differs from what was signed.`,
        fix: "Use a whole copy of the backup.",
        object: path,
        expected,
        actual,
      }),
      examples: [{ path: "shop-20260102T030405Z.dump", expected: "9f86d08…", actual: "60303ae…" }],
    },
    ofSet: {
      says: ({ backup, store }: { backup: string; store: string }) => ({
        message: `The dump of ${backup} in ${store} does not match its manifest.`,
        fix: "It was damaged, replaced or cut short. Choose another set of backups. Nothing was touched.",
      }),
      examples: [{ backup: "shop-20260102T030405Z", store: "/backups" }],
    },
  },
});

export const partMissing = defineFinding({
  code: "PART_MISSING",
  means: "warning",
  says: ({ path }: { path: string }) => ({
    message: `${path} is missing, but the manifest names it. Roles and their settings cannot be restored without it.`,
    fix: "Copy it from the original place of the backup, or make a new backup. Rows and definitions are not affected.",
    object: path,
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.globals.sql" }],
});
