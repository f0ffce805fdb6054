import { createHash } from "node:crypto";
import type { SigningKey, VerificationKey } from "./signing_key.ts";
import type { Verdict } from "../verdict/verdict.ts";
import {
  manifestSuffix,
  momentName,
  newestRecordFirst,
  parseRecordName,
  type RecordName,
} from "../storage/backup_name.ts";
import { readSignature, sha256Of, writeSignature } from "./signature.ts";
import type { Store } from "../storage/store.ts";

/** What a drill said about a backup. */
interface DrillRecord {
  /** When it ended. */
  at: Date;
  /** Where it is kept. */
  name: string;
  verdict: Verdict["verdict"];
  proof?: Verdict["proof"];
}

/**
 * Keeps a drill's verdict beside its backup, where `list`, `status` and `prune` find it. Of two drills that end in one
 * second, neither takes the other's place.
 *
 * @param name Of the backup.
 * @param key Signs the record, too.
 * @returns The record's name.
 */
export async function writeDrillRecord(
  store: Store,
  name: string,
  verdict: Verdict,
  key?: SigningKey,
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(verdict, null, 2) + "\n");
  for (let place = 1;; place++) {
    const moment = momentName(new Date(verdict.finished_at));
    const record = `${name}.drill-${moment}${place === 1 ? "" : `-${place}`}.json`;
    if (await store.claim(record, bytes) === "taken") continue;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (key) await writeSignature(store, record, { sha256, key });
    return record;
  }
}

/** What makes a drill's record count. */
interface Credibility {
  /** SHA-256 of the backup's manifest. */
  manifestSha256: string | undefined;
  /** Where there are any, one of them must have signed the record. */
  keys: readonly VerificationKey[];
}

/**
 * Reads the whole verdict of a drill's record; `undefined` unless it is one, of this very backup, named after the moment
 * at which it ended, and signed where that is asked for. Whoever can write into a store could leave others there.
 */
export async function readDrillVerdict(
  store: Store,
  name: string,
  { manifestSha256, keys }: Credibility,
): Promise<Verdict | undefined> {
  const bytes = await new Response(store.read(name, { length: largestSizeBytes })).bytes();
  const document = parse(new TextDecoder().decode(bytes)) as Partial<Verdict>;
  const at = parseRecordName(name)?.at.getTime();
  const isDrill = document.schema === "pgrehearse.verdict/v1" && document.command === "drill" &&
    Math.floor(Date.parse(String(document.finished_at)) / 1000) * 1000 === at;
  if (!isDrill || manifestSha256 === undefined || !isAbout(document, manifestSha256)) return undefined;
  if (keys.length > 0) {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if ((await readSignature(store, name, { sha256, keys })).state !== "trusted") return undefined;
  }
  return document as Verdict;
}

/** A drill of several databases is about each of their backups. */
function isAbout({ backup, restored }: Partial<Verdict>, manifestSha256: string): boolean {
  const others = Array.isArray(restored) ? restored.map((each) => each?.backup) : [];
  return [backup, ...others].some((each) => each?.manifest_sha256 === manifestSha256);
}

/** A backup, and its drills' records. */
interface BackupWithDrills {
  drillRecords: readonly RecordName[];
}

/** Reads the drills of backups that count, newest first. One that could not verify is among them. */
export async function* readDrillRecords(
  store: Store,
  backups: readonly BackupWithDrills[],
  keys: readonly VerificationKey[],
): AsyncGenerator<DrillRecord & { document: Verdict }> {
  const records = backups.flatMap(({ drillRecords }) => drillRecords).sort(newestRecordFirst);
  const manifests = new Map<string, Promise<string | undefined>>();
  for (const { name, backup, at } of records) {
    if (!manifests.has(backup)) manifests.set(backup, sha256Of(store, backup + manifestSuffix));
    const document = await readDrillVerdict(store, name, { manifestSha256: await manifests.get(backup), keys });
    if (!document) continue;
    const { verdict, proof } = document;
    const isConclusive = verdict === "pass" || verdict === "fail";
    const isProof = proof === "exact" || proof === "checked" || proof === "restored";
    yield {
      at,
      name,
      verdict: isConclusive ? verdict : "unknown",
      ...(isConclusive && isProof && { proof }),
      document,
    };
  }
}

/** What the newest drill said that could verify: one that could not says nothing, for better or worse. */
export async function lastConclusive(
  store: Store,
  backups: readonly BackupWithDrills[],
  keys: readonly VerificationKey[],
): Promise<DrillRecord | undefined> {
  for await (const record of readDrillRecords(store, backups, keys)) if (record.verdict !== "unknown") return record;
  return undefined;
}

const largestSizeBytes = 16 * 1024 * 1024;

function parse(text: string): object {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
