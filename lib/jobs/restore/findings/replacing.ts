import {
  defineFinding,
  defineFindingFamily,
  defineFindings,
  type FoundFinding,
} from "../../../system/define_finding.ts";
import { backupAgeExceeded, rpoExceeded } from "../../whole_system/findings/policy.ts";

// What must be so before a database is replaced. Nothing was touched before any of these.

const untouched = "Nothing was touched.";

export const approvalMissing = defineFindings({
  code: "APPROVAL_MISSING",
  means: "unknown",
  situations: {
    mistyped: {
      says: ({ typed, database }: { typed: string; database: string }) => ({
        message: `You typed ${JSON.stringify(typed)}; the database is "${database}".`,
        fix: `Run the command again and type its name. ${untouched}`,
      }),
      examples: [{ typed: "shopp", database: "shop" }],
    },
    options: {
      says: ({ database, server, holds, missing, confirmed }: {
        database: string;
        server: string;
        /** What is in it; empty for nothing. */
        holds: string;
        missing: readonly string[];
        /** What `--confirm` says, where that is something else. */
        confirmed?: string;
      }) => ({
        message: `${
          confirmed ? `You typed "${confirmed}"; the database is "${database}". ` : ""
        }The database ${database} at ${server} holds ${holds || "nothing"}. To replace it, give ${missing.join(", ")}.`,
        fix: `Run the command again with ${
          missing.length === 1 ? "this option; it goes" : "these options; they go"
        } into the incident record. ${untouched}`,
      }),
      examples: [
        {
          database: "shop",
          server: "db1:5432",
          holds: "2 functions, 7 tables",
          missing: ["--approved-by", "--reason", "--confirm shop"],
        },
        {
          database: "shop",
          server: "db1:5432",
          holds: "2 functions, 7 tables",
          missing: ["--confirm shop"],
          confirmed: "shopp",
        },
      ],
    },
  },
});

export const tooOldToReplaceWith = defineFindingFamily({
  codes: [rpoExceeded.code, backupAgeExceeded.code],
  codeOf: ({ broken }) => broken.code,
  means: "fail",
  says: ({ broken: { message } }: {
    /** The limit of the policy that the backup exceeds. */
    broken: Pick<FoundFinding, "code" | "message">;
  }) => ({
    message,
    fix:
      "Restore beside the database, without --swap and --in-place, and look at the copy. Or choose another backup. Or " +
      `accept the loss by changing "policy". ${untouched}`,
  }),
  examples: [
    { broken: rpoExceeded.now({ expected: 3_600_000, actual: 5_400_000 }) },
    { broken: backupAgeExceeded({ expected: 86_400_000, actual: 172_800_000 }) },
  ],
});

export const safetyBackupFailed = defineFinding({
  code: "SAFETY_BACKUP_FAILED",
  means: "unknown",
  says: ({ database, why, said }: {
    database: string;
    /** A sentence. */
    why: string;
    said?: string;
  }) => ({
    message: `Could not make the safety backup of ${database}: ${why}`,
    fix: `Correct that. If ${database} can no longer be read, use --no-safety-backup. ${untouched}`,
    detail: said,
  }),
  examples: [{ database: "shop", why: "/backups has 4.2 MB free, and the dump may need 81 MB." }],
});

export const safetyBackupNotEncrypted = defineFinding({
  code: "SAFETY_BACKUP_NOT_ENCRYPTED",
  means: "fail",
  says: () => ({
    message: "The safety backup would not be encrypted; the policy requires it.",
    fix: `Name recipients in "backup": { "encrypt": […] }. ${untouched}`,
  }),
});

export const safetyBackupNotSigned = defineFinding({
  code: "SAFETY_BACKUP_NOT_SIGNED",
  means: "fail",
  says: () => ({
    message: "The safety backup would not be signed; the policy requires it.",
    fix: `Set "signing_key" to the private key. ${untouched}`,
  }),
});

export const inPlaceBlocked = defineFindings({
  code: "IN_PLACE_BLOCKED",
  means: "unknown",
  situations: {
    noContents: {
      says: () => ({
        message: "The dump has no table of contents, so pgrehearse cannot know what it would overwrite.",
        fix: `Restore it with --swap, which overwrites nothing. ${untouched}`,
      }),
    },
    inTheWay: {
      says: ({ blocked }: { blocked: readonly { what: string; why: string }[] }) => ({
        message: `${
          blocked.length === 1 ? "One object" : `${blocked.length} objects`
        } cannot be overwritten in place: ${
          blocked.slice(0, 3).map(({ what, why }) => `${what}: ${why.replaceAll("\n", "; ")}`).join(". ")
        }${blocked.length > 3 ? "; …" : ""}.`,
        fix:
          "Restore the whole backup with --swap, which drops nothing. Or drop the blocking objects yourself, or select " +
          `them too. ${untouched}`,
        detail: blocked.map(({ what, why }) => `${what}: ${why}`).join("\n"),
      }),
      examples: [{
        blocked: [{ what: "table public.orders", why: "view public.newer_view depends on table orders" }],
      }],
    },
  },
});
