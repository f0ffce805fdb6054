import { defineFinding, defineFindings } from "./define_finding.ts";
import { durationText, sizeText } from "./quantities.ts";

// Sizes come as text (`4.2 MB`), and reasons without their point.

/** A place, how much room it has, and how much is wanted. */
interface Room {
  directory: string;
  free: string;
  needed: string;
}
const tooLittle: Room = { directory: "/tmp", free: "4.2 MB", needed: "81 MB" };

export const diskFull = defineFindings({
  code: "DISK_FULL",
  means: "unknown",
  situations: {
    /** A pipe could not be copied to its end. */
    copying: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot copy ${path}: ${reason}.`,
        fix: "Free some space, or point TMPDIR at a larger disk.",
      }),
      examples: [{ path: "/dev/stdin", reason: "no space left on device" }],
    },
    writing: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot write ${path}: ${reason}.`,
        fix: "Free some space, or choose another directory.",
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump", reason: "no space left on device" }],
    },
    dumping: {
      says: ({ path, said }: { path: string; said?: string }) => ({
        message: `The disk is full; ${path} could not be written.`,
        fix: "Free some space, or choose another directory. Nothing of this backup was kept.",
        detail: said,
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump" }],
    },
    copyingDump: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `The disk has no room for a copy of ${path}: ${reason}.`,
        fix:
          "Free some space, or point TMPDIR at a larger disk. Or move the dump to a directory that no other account can write: then pgrehearse makes no copy.",
      }),
      examples: [{ path: "/backups/shop", reason: "no space left on device" }],
    },
    unpacking: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `The disk has no room to unpack ${path}: ${reason}.`,
        fix:
          "Free some space, or point TMPDIR at a larger disk. Nothing was restored; this says nothing about the dump.",
      }),
      examples: [{ path: "shop.sql.gz", reason: "no space left on device" }],
    },
    beforeDump: {
      says: ({ directory, free, needed }: Room) => ({
        message: `${directory} has ${free} free; the dump may need about ${needed} (a quarter of the database).`,
        fix: "Free some space, or choose another directory. Nothing was written.",
      }),
      examples: [{ ...tooLittle, directory: "/backups" }],
    },
    beforeFetch: {
      says: ({ directory, free, needed }: Room) => ({
        message: `${directory} has ${free} free; the dump needs ${needed}.`,
        fix: "Free some space, or point TMPDIR at a larger disk. Nothing was fetched.",
      }),
      examples: [tooLittle],
    },
    beforeCopy: {
      says: ({ directory, free, needed }: Room) => ({
        message: `${directory} has ${free} free; a copy of the dump needs ${needed}.`,
        fix: "Free some space, point TMPDIR at a larger disk, or run pgrehearse as the account that owns the dump.",
      }),
      examples: [tooLittle],
    },
    beforeCluster: {
      says: ({ directory, free, needed }: Room) => ({
        message:
          `${directory}, the place of the throwaway cluster, has ${free} free; the database needs about ${needed}.`,
        fix: "Free some space there, point TMPDIR at a larger disk, or name a server with --into.",
      }),
      examples: [tooLittle],
    },
    /** Of the server that a dump is restored into. */
    onServer: {
      says: ({ said }: { said?: string }) => ({
        message: `The disk of the target server is full${said === undefined ? "" : `: ${said}`}.`,
        fix: "Free some space there, then run it again. This says nothing about the backup.",
      }),
      examples: [{ said: 'could not extend file "base/16384/16402": No space left on device' }],
    },
    /** Of anything else that no step speaks about itself. */
    refused: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `This host refused ${path}: ${reason}.`,
        fix: "Free some space there, then run it again.",
      }),
      examples: [{ path: "/var/lib/pgrehearse/evidence.jsonl", reason: "no space left on device" }],
    },
  },
});

export const cannotMakeDirectory = defineFindings({
  code: "CANNOT_MAKE_DIRECTORY",
  means: "unknown",
  situations: {
    wanted: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot create the directory ${path}: ${reason}.`,
        fix: "Choose a directory that this account can create or write to.",
      }),
      examples: [{ path: "/backups", reason: "permission denied" }],
    },
    unwritable: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot write to the directory ${path}: ${reason}.`,
        fix: "Choose a directory that this account can create or write to.",
      }),
      examples: [{ path: "/backups", reason: "permission denied" }],
    },
    output: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot create the directory ${path}: ${reason}.`,
        fix: "Choose a directory with --output-dir that this account can create or write to.",
      }),
      examples: [{ path: "/etc/pgrehearse", reason: "permission denied" }],
    },
    workspace: {
      says: ({ path, as, reason, temporary }: {
        path: string;
        /** The account that was to make it, where that is not ours. */
        as?: number;
        reason?: string;
        /** What TMPDIR is, where the workspace was to lie there. */
        temporary?: string;
      }) => ({
        message: `Cannot create the directory ${path}${as === undefined ? "" : ` as user ${as}`}${
          reason ? `: ${reason}` : ""
        }.`,
        fix: temporary !== undefined
          ? `Set TMPDIR to an existing directory with free space that this account can write to. It is ${temporary} now.`
          : "Choose a directory with free space that this account can write to.",
      }),
      examples: [{ path: "/tmp/pgrehearse-0c5f24d1a7e84b93", reason: "permission denied", temporary: "/tmp" }],
    },
  },
});

export const cannotWriteFile = defineFinding({
  code: "CANNOT_WRITE_FILE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot write ${path}: ${reason}.`,
    fix: "Check the directory's permissions and free space.",
  }),
  examples: [{ path: "/backups/shop.manifest.json", reason: "permission denied" }],
});

export const notAFile = defineFinding({
  code: "NOT_A_FILE",
  means: "unknown",
  says: ({ path, what }: { path: string; what: string }) => ({
    message: `${path} is ${what}, not a file; it was not read.`,
    fix: "Name a file. If a program writes the data, let it write to a file first.",
  }),
  examples: [{ path: "/tmp/shop.dump", what: "a FIFO" }],
});

export const cannotStart = defineFinding({
  code: "CANNOT_START",
  means: "unknown",
  says: ({ program, directory, reason }: { program: string; directory?: string; reason: string }) => ({
    message: `Cannot start ${program}${directory ? ` in ${directory}` : ""}: ${reason}.`,
    fix: directory
      ? "Check that this working directory exists, and that this account may enter it."
      : "Give this host more processes or memory (ulimit), then run it again.",
  }),
  examples: [
    { program: "./serve", directory: "/srv/shop", reason: "there is no such directory" },
    { program: "./migrate", reason: "resource temporarily unavailable" },
  ],
});

export const noUnprivilegedAccount = defineFinding({
  code: "NO_UNPRIVILEGED_ACCOUNT",
  means: "unknown",
  says: () => ({
    message:
      "As root, pgrehearse cannot run PostgreSQL as another account here: it needs setpriv (util-linux) and the account `nobody`.",
    fix: "Run pgrehearse as an ordinary user.",
  }),
});

export const dumpUnreadable = defineFindings({
  code: "DUMP_UNREADABLE",
  means: "unknown",
  situations: {
    piped: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot copy ${path}: ${reason}.`,
        fix: "Write the dump to a file, and drill that file.",
      }),
      examples: [{ path: "/dev/fd/63", reason: "input/output error" }],
    },
    copying: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot copy ${path}: ${reason}.`,
        fix: "Check its permissions.",
      }),
      examples: [{ path: "/backups/shop", reason: "cp: ./toc.dat: Permission denied" }],
    },
    file: {
      says: ({ path, reason, directory }: { path: string; reason: string; directory?: string }) => ({
        message: `Cannot read ${path}: ${reason}.`,
        fix: directory === undefined
          ? "Check its permissions."
          : `Check the permissions of ${path} and of ${directory}.`,
      }),
      examples: [{ path: "/backups/shop.dump", reason: "permission denied", directory: "/backups" }],
    },
    /** pg_restore does not get at its table of contents. */
    contents: {
      means: "fail",
      says: ({ path, reason, said }: { path: string; reason: string; said?: string }) => ({
        message: `pg_restore cannot read ${path}: ${reason}.`,
        fix:
          "A dump that pg_restore cannot list cannot be restored. Use another backup, and find out what damaged this one.",
        detail: said,
      }),
      examples: [{ path: "shop.dump", reason: "unexpected end of file" }],
    },
    /** No Postgres takes it. */
    sql: {
      means: "fail",
      says: ({ what, line }: { what: string; line: number }) => ({
        message: `The dump contains ${what} in line ${line}.`,
        fix: "The dump is damaged, or pg_dump did not write it. Use another backup.",
      }),
      examples: [{ what: "a null character", line: 4711 }],
    },
    stringsChanged: {
      says: ({ file, line }: { file: string; line: number }) => ({
        message: `Line ${line} of ${file} changes how strings are read, inside another statement.`,
        fix: "Set standard_conforming_strings in a separate statement, as pg_dump does.",
      }),
      examples: [{ file: "shop.sql", line: 4711 }],
    },
  },
});

export const dumpTruncated = defineFindings({
  code: "DUMP_TRUNCATED",
  means: "fail",
  situations: {
    sql: {
      says: ({ file, how }: { file: string; how: string }) => ({
        message: `${file} is cut short: ${how}.`,
        fix: "Probably it was copied only in part, or the disk was full. Fetch it again, or use another one.",
      }),
      examples: [{ file: "shop.sql", how: "it ends within the rows of a COPY" }],
    },
    openTransaction: {
      says: ({ file }: { file: string }) => ({
        message: `${file} begins a transaction and never ends it.`,
        fix: "The dump is cut short, or has no COMMIT, so the server rolls everything back. Use another dump.",
      }),
      examples: [{ file: "shop.sql" }],
    },
    packed: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot decompress ${path}: ${reason}.`,
        fix: "It is cut short or damaged. Use another backup.",
      }),
      examples: [{ path: "shop.sql.gz", reason: "unexpected end of file" }],
    },
    file: {
      says: ({ path, expected, actual }: { path: string; expected: number; actual: number }) => ({
        message: `${path} is cut short: ${sizeText(expected - actual)} of ${sizeText(expected)} are missing.`,
        fix: "Probably the backup was copied only in part, or the disk was full. Fetch it again, or use another one.",
        object: path,
        expected,
        actual,
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump", expected: 84_102_311, actual: 52_428_800 }],
    },
  },
});

export const leftBehind = defineFindings({
  code: "LEFT_BEHIND",
  means: "unknown",
  situations: {
    directory: {
      says: ({ path }: { path: string }) => ({
        message: `Could not remove ${path}.`,
        fix: `Remove it: rm -rf ${path}`,
      }),
      examples: [{ path: "/tmp/pgrehearse-0c5f24d1a7e84b93" }],
    },
    upload: {
      says: ({ key, reason, why }: { key: string; reason: string; why: string }) => ({
        message: `Could not remove the unfinished upload of ${key}: ${reason}.`,
        fix: "Let the bucket's lifecycle abort incomplete multipart uploads, or run aws s3api abort-multipart-upload.",
        detail: `The upload was stopped because: ${why}`,
      }),
      examples: [{ key: "shop-20260102T030405Z.dump", reason: "connection reset", why: "The run was interrupted." }],
    },
    /** Whatever a job acquired and could not release. */
    otherwise: {
      says: ({ what, reason, fix = `Remove ${what} by hand.` }: { what: string; reason: string; fix?: string }) => ({
        message: `Could not clean up ${what}: ${reason}.`,
        fix,
      }),
      examples: [{ what: "the scratch database pgrehearse_0c5f24d1", reason: "the connection was cut" }],
    },
    tooLong: {
      says: ({ what, limitMs }: { what: string; limitMs: number }) => ({
        message: `Could not clean up ${what}: it took longer than ${durationText(limitMs)}.`,
        fix:
          "Look on its server at pg_stat_activity for what still uses it, then remove it by hand. The next run tries again too.",
      }),
      examples: [{ what: "the scratch database pgrehearse_0c5f24d1", limitMs: 60_000 }],
    },
  },
});
