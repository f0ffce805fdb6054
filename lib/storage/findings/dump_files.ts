import { defineFinding, defineFindings } from "../../system/define_finding.ts";

// What is wrong with a file of a dump, whether it lies in a directory or was just fetched.

export const dumpFileMissing = defineFindings({
  code: "DUMP_FILE_MISSING",
  means: "fail",
  situations: {
    here: {
      says: ({ path }: { path: string }) => ({
        message: `${path} is missing, and the manifest names it.`,
        fix: "The backup was copied in part: fetch it again, or use another one.",
        object: path,
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump/4211.dat" }],
    },
    inStore: {
      says: ({ path }: { path: string }) => ({
        message: `${path} is missing, and the manifest names it.`,
        fix: "The backup was copied in part: use another one.",
      }),
      examples: [{ path: "shop-20260102T030405Z.dump" }],
    },
    sinceSigned: {
      says: ({ path, expected }: { path: string; expected: unknown }) => ({
        message: `${path} is not there.`,
        fix: "Use a copy of the backup that is whole.",
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
        message: `${path} is not the file that the manifest describes.`,
        fix:
          "It was damaged or replaced, or the manifest is another backup's: use a backup whose dump and manifest match.",
        object: path,
        expected,
        actual,
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump", expected: "9f86d08…", actual: "60303ae…" }],
    },
    sinceSigned: {
      says: ({ path, expected, actual }: { path: string; expected: unknown; actual: unknown }) => ({
        message: `${path} is not what was there when it was signed for.`,
        fix: "Use a copy of the backup that is whole.",
        object: path,
        expected,
        actual,
      }),
      examples: [{ path: "shop-20260102T030405Z.dump", expected: "9f86d08…", actual: "60303ae…" }],
    },
    ofSet: {
      says: ({ backup, store }: { backup: string; store: string }) => ({
        message: `The dump of ${backup} in ${store} is not the one that its manifest describes.`,
        fix: "It was damaged or replaced, or it is cut short: choose another set of backups. Nothing was touched.",
      }),
      examples: [{ backup: "shop-20260102T030405Z", store: "/backups" }],
    },
  },
});

export const partMissing = defineFinding({
  code: "PART_MISSING",
  means: "warning",
  says: ({ path }: { path: string }) => ({
    message: `${path} is missing, and the manifest names it. What it holds does not come back: roles, their settings.`,
    fix: "Copy it from where the backup was made, or make a new backup. Rows and definitions are not in it.",
    object: path,
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.globals.sql" }],
});
