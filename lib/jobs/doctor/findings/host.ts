import { defineFinding, defineFindings } from "../../../system/define_finding.ts";
import { codeOf } from "./prerequisites.ts";

export const isolationWeak = defineFindings({
  code: codeOf("isolation"),
  means: "warning",
  situations: {
    sharedAccount: {
      says: () => ({
        message: "Drills run as the account of this host's database servers, but cannot reach them.",
        fix: "Run drills as root or as a separate account.",
      }),
    },
    lacking: {
      says: ({ lacks }: { lacks: readonly string[] }) => ({
        message: `This host cannot fully isolate a drill (not isolated: ${lacks.join(", ")}).`,
        fix:
          "Run as root, or as an account that can create namespaces (with bubblewrap, or unshare of util-linux). Until " +
          "then drill only what a trusted key signed, or use --trust-dump.",
      }),
      examples: [{ lacks: ["files", "network", "processes"] }],
    },
  },
});

export const littleSpace = defineFinding({
  code: codeOf("free_space"),
  means: "warning",
  says: ({ directory, free }: { directory: string; free: string }) => ({
    message: `${directory} has ${free} free.`,
    fix: "A drill needs room for the whole database. Free some space, or point TMPDIR at a larger disk.",
  }),
  examples: [{ directory: "/tmp", free: "412 MB" }],
});

export const passwordInArguments = defineFinding({
  code: codeOf("passwords_of_processes"),
  means: "fail",
  says: ({ processes }: { processes: readonly string[] }) => ({
    message: `The arguments of ${processes.length === 1 ? "process" : "processes"} ${
      processes.join(", ")
    } hold a password.`,
    fix: "Use PGPASSWORD or ~/.pgpass instead, and change that password: other accounts may have read it.",
  }),
  examples: [{ processes: ["4711"] }],
});

export const passwordFileOpen = defineFinding({
  code: codeOf("passwords_in_files"),
  means: "fail",
  says: ({ files }: { files: readonly string[] }) => ({
    message: `Every account of this host can read the passwords in ${files.join(", ")}.`,
    fix: `Run: chmod 0600 ${files.join(" ")}`,
  }),
  examples: [{ files: ["/home/ops/.pgpass"] }],
});
