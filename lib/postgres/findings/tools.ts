import { defineFinding, defineFindings } from "../../system/define_finding.ts";

export const pgToolsMissing = defineFindings({
  code: "PG_TOOLS_MISSING",
  means: "unknown",
  situations: {
    installation: {
      says: ({ programs, debianPackage, pgBin }: { programs: string; debianPackage: string; pgBin?: string }) => ({
        message: `Cannot find ${programs} in ${pgBin ?? "PATH or where distributions install PostgreSQL"}.`,
        fix: `Install PostgreSQL (Debian: apt install ${debianPackage}), or point --pg-bin at its bin directory.`,
      }),
      examples: [{ programs: "pg_dump and pg_restore", debianPackage: "postgresql-client" }],
    },
    psql: {
      says: ({ pgRestore }: { pgRestore: string }) => ({
        message: `Cannot find psql beside ${pgRestore}.`,
        fix: "Install PostgreSQL's client programs, or point --pg-bin at their directory. Nothing was touched.",
      }),
      examples: [{ pgRestore: "/opt/pg17/bin/pg_restore" }],
    },
  },
});

export const pgDumpTooOld = defineFinding({
  code: "PG_DUMP_TOO_OLD",
  means: "unknown",
  says: ({ version, path, serverMajor }: { version: string; path: string; serverMajor: number }) => ({
    message: `pg_dump ${version} (${path}) is older than the server, which is PostgreSQL ${serverMajor}.`,
    fix: `Install the PostgreSQL ${serverMajor} client programs, or point --pg-bin at them.`,
  }),
  examples: [{ version: "15.18", path: "/usr/lib/postgresql/15/bin/pg_dump", serverMajor: 17 }],
});

export const compressionUnsupported = defineFindings({
  code: "COMPRESSION_UNSUPPORTED",
  means: "unknown",
  situations: {
    toWrite: {
      says: ({ compression, pgDump, version, said }: {
        compression: string;
        pgDump: string;
        version: string;
        said: string;
      }) => ({
        message: `pg_dump ${version} (${pgDump}) cannot compress with ${compression}: ${said}. Nothing was backed up.`,
        fix:
          "Give --compress a method and level that this pg_dump has, such as gzip:6, or leave it out: then pgrehearse chooses. " +
          "lz4 and zstd need pg_dump 16 or newer (--pg-bin).",
      }),
      examples: [{
        compression: "zstd:3",
        pgDump: "/usr/lib/postgresql/15/bin/pg_dump",
        version: "15.18",
        said: "pg_dump before 16 can only write gzip",
      }],
    },
    toRead: {
      says: ({ method, pgRestore, version }: { method: string; pgRestore: string; version: string }) => ({
        message:
          `The dump is compressed with ${method}, which pg_restore ${version} (${pgRestore}) cannot read. Nothing was restored.`,
        fix:
          `Point --pg-bin at PostgreSQL programs that were built with ${method}. Or make backups with --compress gzip:1.`,
      }),
      examples: [{ method: "zstd", pgRestore: "/opt/pg17/bin/pg_restore", version: "17.2" }],
    },
  },
});

export const serverTooOld = defineFindings({
  code: "SERVER_TOO_OLD",
  means: "unknown",
  situations: {
    programs: {
      says: ({ major, newest }: { major: number | undefined; newest: string }) => ({
        message: `The backup needs PostgreSQL ${major} or newer, but the newest server programs here are ${newest}.`,
        fix: `Install the PostgreSQL ${major} server programs, point --pg-bin at them, or name a server with --into.`,
      }),
      examples: [{ major: 17, newest: "15.18" }],
    },
    /** That a drill restores into. */
    named: {
      says: ({ major, version }: { major: number; version: string }) => ({
        message: `The backup is from PostgreSQL ${major}, but the server is ${version}.`,
        fix: "Name a server of that version or newer.",
      }),
      examples: [{ major: 17, version: "15.18" }],
    },
    /** That a restore replaces a database of. */
    target: {
      says: ({ major, version }: { major: number; version: string }) => ({
        message: `The backup is from PostgreSQL ${major}, but the target server is ${version}.`,
        fix: "Restore it on a server of that version or newer.",
      }),
      examples: [{ major: 17, version: "15.18" }],
    },
    toHash: {
      says: ({ version }: { version: string }) => ({
        message: `The server is PostgreSQL ${version}, which cannot hash whole rows.`,
        fix: "Use PostgreSQL 14 or newer.",
      }),
      examples: [{ version: "13.22" }],
    },
  },
});

export const programNotTrusted = defineFinding({
  code: "PROGRAM_NOT_TRUSTED",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `The program ${path} was not run: ${reason}.`,
    fix:
      "Anyone who can write a program or its directories decides what runs here. Make them writable only by root or " +
      "this account (chown, chmod go-w), or name other programs with --pg-bin.",
  }),
  examples: [{ path: "/srv/pg17/bin/pg_dump", reason: "another account can replace it: /srv/pg17 belongs to build" }],
});

export const pgToolBroken = defineFinding({
  code: "PG_TOOL_BROKEN",
  means: "unknown",
  says: ({ program, said }: { program: string; said: string }) => ({
    message: `${program} --version does not print its version.`,
    fix: "Repair that installation, or point --pg-bin at another one.",
    detail: said,
  }),
  examples: [{ program: "/opt/pg17/bin/pg_dump", said: "error while loading shared libraries: libpq.so.5" }],
});

export const clientOlderThanServer = defineFinding({
  code: "CLIENT_OLDER_THAN_SERVER",
  means: "warning",
  says: ({ client, server, major }: { client: string; server: string; major: number }) => ({
    message: `pg_dump ${client} is older than the server, ${server}: its dump may not restore on every ${major}.`,
    fix: `Update the client programs to ${server}, or point --pg-bin at newer ones.`,
  }),
  examples: [{ client: "15.4", server: "15.18", major: 15 }],
});

/** A server program that did not do its work, with the end of its log. */
interface Failed {
  program: string;
  directory: string;
  log: string;
}
const seeLog =
  "Correct what the detail names. Often the disk is full, or TMPDIR is a directory that the server's account cannot write " +
  "to.";
const directory = "/tmp/pgrehearse-0c5f24d1a7e84b93";

export const initdbFailed = defineFinding({
  code: "INITDB_FAILED",
  means: "unknown",
  says: ({ program, directory, log }: Failed) => ({
    message: `${program} could not create a cluster in ${directory}.`,
    fix: seeLog,
    detail: log,
  }),
  examples: [{ program: "/usr/lib/postgresql/15/bin/initdb", directory, log: "could not write to file" }],
});

export const serverStartFailed = defineFinding({
  code: "SERVER_START_FAILED",
  means: "unknown",
  says: ({ program, directory, log }: Failed) => ({
    message: `${program} did not start in ${directory}.`,
    fix: seeLog,
    detail: log,
  }),
  examples: [{
    program: "/usr/lib/postgresql/15/bin/postgres",
    directory,
    log: "FATAL:  could not map anonymous shared memory",
  }],
});
