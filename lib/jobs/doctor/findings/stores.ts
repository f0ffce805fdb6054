import { storeForbidden } from "../../../storage/findings/stores.ts";
import { defineFinding, defineFindingFamily, defineFindings } from "../../../system/define_finding.ts";
import { codeOf } from "./prerequisites.ts";

export const storeMissing = defineFinding({
  code: codeOf("store"),
  means: "warning",
  says: ({ directory }: { directory: string }) => ({
    message: `There is no directory ${directory}.`,
    fix: "Check the path, and whether it is mounted. A backup would create it, with mode 0700.",
  }),
  examples: [{ directory: "/backups" }],
});

export const probeWrong = defineFindings({
  code: codeOf("store_writes_and_reads"),
  means: "fail",
  situations: {
    altered: {
      says: ({ store }: { store: string }) => ({
        message: `${store} returned bytes that differ from those written.`,
        fix: "Do not trust this store, or the proxies on the way, until you know the reason.",
      }),
      examples: [{ store: "s3://shop-backups" }],
    },
    left: {
      means: "warning",
      says: ({ store, probe, fix }: {
        store: string;
        probe: string;
        /** What to do about it that it cannot be removed. */
        fix: string;
      }) => ({
        message: `${store} can be written and read, but the probe ${probe} cannot be removed.`,
        fix: `${fix} Backups work without this permission; prune does not. Remove the probe by hand.`,
      }),
      examples: [{
        store: "s3://shop-backups",
        probe: "pgrehearse-probe-7f3c",
        fix: "Grant s3:DeleteObject on it to this host's role or user.",
      }],
    },
  },
});

export const littleStoreSpace = defineFinding({
  code: codeOf("store_free_space"),
  means: "warning",
  says: ({ directory, free }: { directory: string; free: string }) => ({
    message: `${directory} has ${free} free.`,
    fix: "Free some space, or prune. A backup may need a quarter of the database's size.",
  }),
  examples: [{ directory: "/backups", free: "412 MB" }],
});

/** A directory, and its mode in octal digits. */
interface Open {
  directory: string;
  mode: string;
}
const close = ({ directory }: Open) => `Run: chmod 0700 ${directory}`;

export const storeOpen = defineFindings({
  code: codeOf("store_mode"),
  means: "fail",
  situations: {
    /** Dumps are 0600 in themselves; but who may write to the directory may replace them. */
    toWriters: {
      says: (open: Open) => ({
        message: `Every account can write to ${open.directory} (${open.mode}) and replace backups.`,
        fix: close(open),
      }),
      examples: [{ directory: "/backups", mode: "0777" }],
    },
    toReaders: {
      means: "warning",
      says: (open: Open) => ({
        message: `Every account can look into ${open.directory} (${open.mode}).`,
        fix: close(open),
      }),
      examples: [{ directory: "/backups", mode: "0755" }],
    },
  },
});

/** What `doctor` asks a bucket for. */
const settings = {
  store_public_access: "public access",
  store_versioning: "versioning",
  store_encryption: "default encryption",
  store_retention: "object lock and lifecycle",
  store_region: "region",
};

/** A setting of a bucket. */
export type BucketSetting = keyof typeof settings;

/** Never a pass. */
export const settingUnknown = defineFindingFamily({
  codes: (Object.keys(settings) as BucketSetting[]).map(codeOf),
  codeOf: ({ name }) => codeOf(name),
  means: "warning",
  says: ({ name, bucket, said: { message, fix } }: {
    name: BucketSetting;
    bucket: string;
    /** Why not. */
    said: { message: string; fix: string };
  }) => ({
    message: `Cannot read the setting ${settings[name]} of ${bucket}: ${message}`,
    fix,
  }),
  examples: [{
    name: "store_versioning",
    bucket: "shop-backups",
    said: storeForbidden.permission({
      where: "s3://shop-backups",
      said: "AccessDenied",
      permission: "s3:GetBucketVersioning",
      mayBeMissing: false,
    }),
  }],
});

export const bucketPublic = defineFinding({
  code: codeOf("store_public_access"),
  means: "fail",
  says: ({ bucket }: { bucket: string }) => ({
    message: `Public access to ${bucket} is not fully blocked.`,
    fix: `Block it: aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration ` +
      "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
  }),
  examples: [{ bucket: "shop-backups" }],
});

export const bucketWithoutVersions = defineFinding({
  code: codeOf("store_versioning"),
  means: "warning",
  says: ({ bucket }: { bucket: string }) => ({
    message: `${bucket} keeps no versions, so a deleted or overwritten backup is lost.`,
    fix:
      `Turn on versioning: aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`,
  }),
  examples: [{ bucket: "shop-backups" }],
});

export const bucketNotEncrypted = defineFinding({
  code: codeOf("store_encryption"),
  means: "warning",
  says: ({ bucket }: { bucket: string }) => ({
    message: `${bucket} does not encrypt by default.`,
    fix: "Turn on default encryption for the bucket, or back up with --sse or --encrypt.",
  }),
  examples: [{ bucket: "shop-backups" }],
});

export const bucketWithoutRetention = defineFinding({
  code: codeOf("store_retention"),
  means: "warning",
  says: ({ bucket }: { bucket: string }) => ({
    message: `${bucket} has neither object lock nor a lifecycle.`,
    fix: "Set one. Object lock protects backups from anyone with this host's credentials; a lifecycle removes old " +
      "versions and broken uploads.",
  }),
  examples: [{ bucket: "shop-backups" }],
});

export const bucketElsewhere = defineFinding({
  code: codeOf("store_region"),
  means: "fail",
  says: ({ bucket, actual, asked }: { bucket: string; actual: string; asked: string }) => ({
    message: `${bucket} is in ${actual}, not in ${asked}.`,
    fix: `Use --region ${actual}.`,
  }),
  examples: [{ bucket: "shop-backups", actual: "eu-central-1", asked: "us-east-1" }],
});
