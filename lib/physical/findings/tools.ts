import { defineFinding, defineFindings } from "../../system/define_finding.ts";

export const backupToolFailed = defineFindings({
  code: "BACKUP_TOOL_FAILED",
  means: "unknown",
  situations: {
    missing: {
      says: ({ program }: { program: string }) => ({
        message: `The program ${program} is not installed here, or not on the PATH.`,
        fix: `Install it, or run pgrehearse where ${program} runs: the repository host, or the database host.`,
      }),
      examples: [{ program: "pgbackrest" }],
    },
    refused: {
      says: ({ program, asked, said }: { program: string; asked: string; said: string }) => ({
        message: `The program ${program} could not tell ${asked}.`,
        fix:
          `Check the configuration of ${program}, whether this account may read the repository, and the repository's ` +
          "key.",
        detail: said,
      }),
      examples: [{
        program: "pgbackrest",
        asked: "what backups there are",
        said: "ERROR: [055]: unable to open missing file '/etc/pgbackrest.conf' for read",
      }],
    },
    notUnderstood: {
      says: ({ program, asked }: { program: string; asked: string }) => ({
        message: `Cannot understand what ${program} says of ${asked}.`,
        fix: `Check that ${program} is a version that the documentation names.`,
      }),
      examples: [{ program: "barman", asked: "its backups" }],
    },
    unknown: {
      says: ({ program, name, said }: { program: string; name: string; said: string }) => ({
        message: `The program ${program} has nothing by the name of ${name}: ${said}.`,
        fix: `Check the name, and that it is this ${program} that makes the backups.`,
        object: name,
      }),
      examples: [{ program: "pgbackrest", name: "main", said: "missing stanza path" }],
    },
  },
});

export const toolCouldNotRestore = defineFinding({
  code: "BACKUP_TOOL_COULD_NOT_RESTORE",
  means: "fail",
  says: ({ program, backup, status, said }: { program: string; backup: string; status: number; said: string }) => ({
    message: `Could not restore ${backup}: ${program} ended with status ${status}.`,
    fix: "If the detail names a damaged file, make a new full backup now. Otherwise correct what it names, and drill " +
      "again.",
    detail: said,
    object: backup,
  }),
  examples: [{
    program: "pgbackrest",
    backup: "20260102-030405F",
    status: 29,
    said: "ERROR: [029]: raised from local-1 protocol: zlib threw error: [-3] data error",
  }],
});

export const restoredNothing = defineFinding({
  code: "NO_CLUSTER_RESTORED",
  means: "fail",
  says: ({ program, backup }: { program: string; backup: string }) => ({
    message:
      `The program ${program} ended without an error, but what it left of ${backup} is not a cluster: PG_VERSION is missing.`,
    fix: "Check that the command fills the directory that {dir} means.",
    object: backup,
  }),
  examples: [{ program: "wal-g", backup: "LATEST" }],
});

export const repositoryDamaged = defineFinding({
  code: "REPOSITORY_DAMAGED",
  means: "fail",
  says: ({ stanza, said }: { stanza: string; said: string }) => ({
    message: `pgBackRest's own verify finds damage in the repository of ${stanza}. It ends with status 0 even so.`,
    fix: "Make a full backup now, and look at the storage below the repository.",
    detail: said,
    object: stanza,
  }),
  examples: [{
    stanza: "main",
    said: "backup: 20260102-030405F, status: invalid, total files checked: 964, total valid files: 963\n" +
      "  checksum invalid: 1",
  }],
});

export const placeholderMissing = defineFinding({
  code: "PLACEHOLDER_MISSING",
  means: "unknown",
  says: ({ command }: { command: string }) => ({
    message: `The command "${command}" does not say where the backup goes.`,
    fix: "Write {dir} for the directory: --physical 'command:wal-g backup-fetch {dir} LATEST'.",
  }),
  examples: [{ command: "wal-g backup-fetch /tmp/restore LATEST" }],
});
