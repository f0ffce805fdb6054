import { storeForbidden } from "../../storage/findings/stores.ts";
import { cannotBeAsked } from "../../storage/s3/findings.ts";
import type { BucketSettings } from "../../storage/s3/s3_bucket_settings.ts";
import type { StoreOptions } from "../../storage/store.ts";
import { is } from "../../system/define_finding.ts";
import type { Job } from "../../run/job.ts";
import { type Examination, fail, type Found, pass, warn } from "./prerequisite.ts";

/** What a bucket's owner should have set. What cannot be asked is a warning, never a pass. */
export async function bucketExaminations(job: Job, address: string, options: StoreOptions): Promise<Examination[]> {
  const settings = await job.acquire("the bucket's settings", async () => {
    const { openBucketSettings } = await import("../../storage/s3/s3_bucket_settings.ts");
    return await openBucketSettings(address, { ...options, signal: job.signal });
  }, (opened) => Promise.resolve(opened.close()));
  const [bucket] = address.replace(/^s3:\/\//i, "").split("/", 1);
  return [
    { name: "store_public_access", what: "public access", examine: () => examinePublicAccess(settings, bucket) },
    { name: "store_versioning", what: "versioning", examine: () => examineVersioning(settings, bucket) },
    { name: "store_encryption", what: "default encryption", examine: () => examineEncryption(settings, bucket) },
    { name: "store_retention", what: "object lock and lifecycle", examine: () => examineRetention(settings, bucket) },
    { name: "store_region", what: "the region", examine: () => examineRegion(settings, bucket) },
  ].map(({ name, what, examine }) => ({ name, examine: () => examine().catch((error) => unanswered(what, error)) }));
}

function unanswered(what: string, error: unknown): Found {
  if (!is(error, storeForbidden, cannotBeAsked)) throw error;
  return warn(`${what} cannot be asked: ${error.message}`, error.fix);
}

async function examinePublicAccess(settings: BucketSettings, bucket: string): Promise<Found> {
  if (await settings.isPublicAccessBlocked()) return pass(`public access to ${bucket} is blocked`);
  return fail(
    `public access to ${bucket} is not blocked in all four ways`,
    `Block it: aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration ` +
      "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
  );
}

async function examineVersioning(settings: BucketSettings, bucket: string): Promise<Found> {
  if (await settings.isVersioned()) return pass(`${bucket} keeps versions`);
  return warn(
    `${bucket} keeps no versions: a backup that is deleted or overwritten is gone`,
    `aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`,
  );
}

async function examineEncryption(settings: BucketSettings, bucket: string): Promise<Found> {
  const encryption = await settings.encryption();
  if (encryption) {
    const { algorithm, key = algorithm.startsWith("aws:kms") ? "the account's aws/s3" : "one of S3's own" } =
      encryption;
    return pass(`${bucket} encrypts with ${algorithm}, key ${key}`);
  }
  return warn(`${bucket} does not encrypt by default`, "Set it on the bucket, or back up with --sse or --encrypt.");
}

async function examineRetention(settings: BucketSettings, bucket: string): Promise<Found> {
  // A server may know one and not the other; either will do.
  const lock = await settings.isObjectLocked().catch((error) => {
    if (is(error, cannotBeAsked)) return false;
    throw error;
  });
  if (lock) return pass(`${bucket} has object lock`);
  const rules = await settings.lifecycleRules();
  if (rules > 0) return pass(`${bucket} has a lifecycle of ${rules} rule${rules === 1 ? "" : "s"}`);
  return warn(
    `${bucket} has neither object lock nor a lifecycle`,
    "Object lock keeps backups from who has this host's credentials; a lifecycle removes old versions and broken uploads.",
  );
}

async function examineRegion(settings: BucketSettings, bucket: string): Promise<Found> {
  const actual = await settings.actualRegion();
  if (actual === settings.region) return pass(`${bucket} is in ${actual}`);
  return fail(`${bucket} is in ${actual}, not in ${settings.region}`, `Say --region ${actual}.`);
}
