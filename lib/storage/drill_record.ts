import type { Verdict } from "../verdict/verdict.ts";
import { momentName, parseMoment } from "./backup_name.ts";
import type { Store } from "./store.ts";

/** What a drill said about a backup. */
export interface DrillRecord {
  /** When it ended. */
  at: Date;
  /** Where it is kept. */
  name: string;
  verdict: Verdict["verdict"];
  proof?: Verdict["proof"];
}

const pattern = /^(.+)\.drill-(\d{8}T\d{6}Z)\.json$/;

/**
 * Reads the name of a drill's record.
 *
 * @returns Which backup it is about, and when; `undefined` if it is another file's name.
 */
export function parseDrillRecordName(name: string): { backup: string; at: Date } | undefined {
  const [, backup, moment] = pattern.exec(name) ?? [];
  const at = moment === undefined ? undefined : parseMoment(moment);
  return at && { backup, at };
}

/**
 * Keeps a drill's verdict beside its backup, where `list`, `status` and `prune` find it.
 *
 * @param name Of the backup.
 * @returns The record's name.
 */
export async function writeDrillRecord(store: Store, name: string, verdict: Verdict): Promise<string> {
  const record = `${name}.drill-${momentName(new Date(verdict.finished_at))}.json`;
  await store.write(record, ReadableStream.from([new TextEncoder().encode(JSON.stringify(verdict, null, 2) + "\n")]));
  return record;
}

/** Reads a drill's record. One that is not a drill's verdict counts as `unknown`: it is no pass. */
export async function readDrillRecord(store: Store, name: string): Promise<DrillRecord> {
  const { at } = parseDrillRecordName(name)!;
  const text = await new Response(store.read(name, { length: largestSizeBytes })).text();
  const { schema, command, verdict, proof } = parse(text);
  const isVerdict = schema === "pgrehearse.verdict/v1" && command === "drill" &&
    (verdict === "pass" || verdict === "fail");
  const isProof = proof === "exact" || proof === "checked" || proof === "restored";
  return { at, name, verdict: isVerdict ? verdict : "unknown", ...(isVerdict && isProof && { proof }) };
}

/** Reads the whole verdict of a drill's record; `undefined` if it is none. */
export async function readDrillVerdict(store: Store, name: string): Promise<Verdict | undefined> {
  const document = parse(await new Response(store.read(name, { length: largestSizeBytes })).text());
  const isVerdict = document.schema === "pgrehearse.verdict/v1" && document.command === "drill";
  return isVerdict ? document as Verdict : undefined;
}

const largestSizeBytes = 16 * 1024 * 1024;

function parse(text: string): Partial<Record<keyof Verdict, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
