import { storeForbidden } from "../../storage/findings/stores.ts";
import { cannotBeAsked } from "../../storage/s3/findings.ts";
import type { BucketSettings } from "../../storage/s3/s3_bucket.ts";
import type { StoreOptions } from "../../storage/store.ts";
import { is } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";
import type { Job } from "../../run/job.ts";
import {
  bucketElsewhere,
  bucketNotEncrypted,
  bucketPublic,
  type BucketSetting,
  bucketWithoutRetention,
  bucketWithoutVersions,
  settingUnknown,
} from "./findings/stores.ts";
import { type Examination, type Found, pass } from "./prerequisite.ts";

/** What a bucket's owner should have set. What cannot be asked is a warning, never a pass. */
export async function bucketExaminations(job: Job, address: string, options: StoreOptions): Promise<Examination[]> {
  const settings = await job.acquire("the bucket's settings", async () => {
    const { openBucketSettings } = await import("../../storage/s3/s3_bucket.ts");
    return await openBucketSettings(address, { ...options, signal: job.signal });
  }, (opened) => Promise.resolve(opened.close()));
  const [bucket] = address.replace(/^s3:\/\//i, "").split("/", 1);
  const examine = (name: BucketSetting, look: (settings: BucketSettings, bucket: string) => Promise<Found>) => ({
    name,
    examine: () =>
      look(settings, bucket).catch((error) => {
        if (!is(error, storeForbidden, cannotBeAsked)) throw error;
        return settingUnknown({ name, bucket, said: error });
      }),
  });
  return [
    examine("store_public_access", examinePublicAccess),
    examine("store_versioning", examineVersioning),
    examine("store_encryption", examineEncryption),
    examine("store_retention", examineRetention),
    examine("store_region", examineRegion),
  ];
}

async function examinePublicAccess(settings: BucketSettings, bucket: string): Promise<Found> {
  if (await settings.isPublicAccessBlocked()) return pass(`Public access to ${bucket} is blocked.`);
  return bucketPublic({ bucket });
}

async function examineVersioning(settings: BucketSettings, bucket: string): Promise<Found> {
  if (await settings.isVersioned()) return pass(`${bucket} keeps versions.`);
  return bucketWithoutVersions({ bucket });
}

async function examineEncryption(settings: BucketSettings, bucket: string): Promise<Found> {
  const encryption = await settings.encryption();
  if (encryption) {
    const { algorithm, key = algorithm.startsWith("aws:kms") ? "the account's aws/s3" : "one of S3's own" } =
      encryption;
    return pass(`${bucket} encrypts with ${algorithm}, key ${key}.`);
  }
  return bucketNotEncrypted({ bucket });
}

async function examineRetention(settings: BucketSettings, bucket: string): Promise<Found> {
  // A server may know one and not the other; either will do.
  const lock = await settings.isObjectLocked().catch((error) => {
    if (is(error, cannotBeAsked)) return false;
    throw error;
  });
  if (lock) return pass(`${bucket} has object lock.`);
  const rules = await settings.lifecycleRules();
  if (rules > 0) return pass(`${bucket} has a lifecycle of ${counted(rules, "rule")}.`);
  return bucketWithoutRetention({ bucket });
}

async function examineRegion(settings: BucketSettings, bucket: string): Promise<Found> {
  const actual = await settings.actualRegion();
  if (actual === settings.region) return pass(`${bucket} is in ${actual}.`);
  return bucketElsewhere({ bucket, actual, asked: settings.region });
}
