import { defineFinding, defineFindings } from "../system/define_finding.ts";

export const configInvalid = defineFinding({
  code: "CONFIG_INVALID",
  means: "unknown",
  says: ({ path, line, column, problem }: {
    path: string;
    line: number;
    column: number;
    /** With its full stop, and with a hint behind it where there is one. */
    problem: string;
  }) => ({
    message: `${path.slice(path.lastIndexOf("/") + 1)}:${line}:${column}: ${problem}`,
    fix: `Correct line ${line} of ${path}. docs/configuration.md lists every key.`,
  }),
  examples: [{
    path: "/etc/pgrehearse/pgrehearse.jsonc",
    line: 20,
    column: 7,
    problem: 'unknown key "minimun" in checks[0]. Did you mean "minimum"?',
  }],
});

export const configUnreadable = defineFindings({
  code: "CONFIG_UNREADABLE",
  means: "unknown",
  situations: {
    file: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot read the configuration ${path}: ${reason}.`,
        fix: "Check the path and its permissions. pgrehearse init writes a first configuration.",
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc", reason: "no such file or directory" }],
    },
    encoding: {
      says: ({ path }: { path: string }) => ({
        message: `The configuration ${path} is not in UTF-8.`,
        fix: "Save it as UTF-8.",
      }),
      examples: [{ path: "/etc/pgrehearse/pgrehearse.jsonc" }],
    },
  },
});

export const configNotTrusted = defineFinding({
  code: "CONFIG_NOT_TRUSTED",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `The configuration ${path} was not used: ${reason}.`,
    fix: `A configuration can run commands. If you wrote it, name it with --config ${path}, ` +
      "or make it and its directories writable only by root or by you (chown, chmod go-w).",
  }),
  examples: [{ path: "/srv/shop/pgrehearse.jsonc", reason: "the group 100 may write /srv/shop" }],
});

export const tooManyShards = defineFindings({
  code: "TOO_MANY_SHARDS",
  means: "unknown",
  situations: {
    configured: {
      says: ({ databases, groups, shards }: {
        databases: number;
        /** Of databases that have to stay together. */
        groups: number;
        shards: number;
      }) => ({
        message: `${databases} databases are named${
          groups < databases
            ? `. Some belong together, because an application, a command or a check needs several. That makes ${groups} groups`
            : ""
        }: too few for ${shards} shards.`,
        fix: groups > 1 ? `Use at most ${groups} shards.` : "Leave out --shard.",
      }),
      examples: [{ databases: 3, groups: 3, shards: 4 }, { databases: 3, groups: 2, shards: 3 }],
    },
    /** For a configuration that is still to be written. */
    asked: {
      says: ({ databases, shards }: { databases: number; shards: number }) => ({
        message: `${
          databases === 1 ? "One database is" : `${databases} databases are`
        } named: too few for ${shards} shards.`,
        fix: "Name every database with --database, or use fewer shards.",
      }),
      examples: [{ databases: 2, shards: 4 }],
    },
  },
});
