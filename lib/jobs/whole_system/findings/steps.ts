import { defineFinding, defineFindings, defineNote } from "../../../system/define_finding.ts";

export const notASet = defineNote({
  code: "NOT_A_SET",
  says: ({ backup, database }: { backup: string; database: string }) => ({
    message:
      `${backup} was not made together with a backup of ${database}, so the newest backup of that database is used.`,
  }),
  examples: [{ backup: "shop-20260102T030405Z", database: "ledger" }],
});

/** What a check may look at. */
type Looked = "database" | "application";
const brought: Record<Looked, string> = { database: "restored", application: "started" };

export const checkCannotLook = defineFindings({
  code: "CHECK_CANNOT_LOOK",
  means: "unknown",
  situations: {
    missing: {
      says: ({ what, name }: { what: Looked; name: string }) => ({
        message: `The ${what} ${name} was not ${brought[what]}.`,
        fix: "Add an earlier step that brings it, or correct the name in the check.",
      }),
      examples: [{ what: "database", name: "ledger" }, { what: "application", name: "web" }],
    },
    several: {
      says: ({ what }: { what: Looked }) => ({
        message: `The check does not say which ${what}.`,
        fix: `Name one in the check: "${what === "database" ? "database" : "app"}".`,
      }),
      examples: [{ what: "database" }, { what: "application" }],
    },
  },
});

export const bucketCopied = defineNote({
  code: "BUCKET_COPIED",
  says: ({ bucket, address, copied, size, unchanged }: {
    bucket: string;
    address: string;
    copied: number;
    size: string;
    unchanged: number;
  }) => ({
    message: `${bucket}: objects copied to ${address}: ${copied} (${size}); already there: ${unchanged}.`,
    object: bucket,
  }),
  examples: [{ bucket: "uploads", address: "s3://shop-copies", copied: 12, size: "4.2 MB", unchanged: 8_402 }],
});

/** Objects of a bucket that is copied to an address. */
interface Objects {
  bucket: string;
  address: string;
  count: number;
}

export const objectsDiffer = defineFinding({
  code: "OBJECTS_DIFFER",
  means: "fail",
  says: ({ bucket, address, count }: Objects) => ({
    message: `${count} objects in ${address} differ from the copy of ${bucket}; they were not overwritten.`,
    fix:
      "Find out which are right. Remove the wrong ones; the next run restores them. Or restore into an empty bucket.",
    object: bucket,
    expected: 0,
    actual: count,
  }),
  examples: [{ bucket: "uploads", address: "s3://shop-uploads", count: 3 }],
});

export const objectNamesRefused = defineFinding({
  code: "OBJECT_NAMES_REFUSED",
  means: "fail",
  says: ({ bucket, address, count }: Objects) => ({
    message: `${count} objects of ${bucket} have names that ${address} cannot hold.`,
    fix: "Copy them to an S3 bucket. A directory cannot hold names such as a/, a//b or x.partial.",
    object: bucket,
    expected: 0,
    actual: count,
  }),
  examples: [{ bucket: "uploads", address: "/backups/uploads", count: 3 }],
});

export const copyIntoItself = defineFinding({
  code: "COPY_INTO_ITSELF",
  means: "unknown",
  says: ({ bucket, source, target }: { bucket: string; source: string; target: string }) => ({
    message: `The bucket ${bucket} would be copied from ${source} to ${target}.`,
    fix: "Copy it to a place where neither contains the other.",
  }),
  examples: [{ bucket: "uploads", source: "s3://shop/uploads/", target: "s3://shop/uploads/copy/" }],
});

export const databaseNotRestored = defineFinding({
  code: "DATABASE_NOT_RESTORED",
  means: "unknown",
  says: ({ step, database }: { step: string; database: string }) => ({
    message: `${step} needs the database ${database}, which was not restored.`,
    fix: "Add an earlier step that restores it.",
  }),
  examples: [{ step: "The step migrations", database: "ledger" }],
});

export const notNotified = defineFinding({
  code: "NOT_NOTIFIED",
  means: "warning",
  says: ({ problem }: { problem: string }) => ({
    message: problem,
    fix: "Check its URL, and the log of what answers there.",
  }),
  examples: [{ problem: "The webhook at hooks.example.com was not notified: it answers with status 503." }],
});

export const stepsNotReached = defineNote({
  code: "STEPS_NOT_REACHED",
  says: ({ failed, steps }: { failed: string; steps: readonly string[] }) => ({
    message: `${failed} failed, so these steps were not done: ${steps.join(", ")}.`,
  }),
  examples: [{ failed: "migrations", steps: ["start web", "check web"] }],
});

export const backupAfterIncident = defineFinding({
  code: "BACKUP_AFTER_INCIDENT",
  means: "warning",
  says: () => ({
    message: "The backup was made after the incident, so it may hold the damage.",
    fix: "Name an older backup, unless you know that this one is good.",
  }),
});
