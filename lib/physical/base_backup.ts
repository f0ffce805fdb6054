import { join } from "node:path";
import { stream } from "../system/child_process.ts";
import { parseBackupLabel } from "./backup_label.ts";
import { readBackupManifest } from "./backup_manifest.ts";
import { physicalBackupIncomplete } from "./findings/sources.ts";
import { lsnText } from "./lsn.ts";
import type { PhysicalBackup } from "./source.ts";

/** How pg_basebackup laid a backup down: as files, or as a tar of each tablespace. */
export type Layout =
  | { kind: "files"; directory: string }
  | { kind: "tar"; directory: string; tars: TarFile[] };

interface TarFile {
  path: string;
  /** `base`, `pg_wal`, or the OID of a tablespace. */
  of: string;
  /** Its WAL is packed by gzip only, whatever packs the others. */
  packing: Packing;
}

/** A backup of pg_basebackup, and where it lies. */
export interface BaseBackup extends PhysicalBackup {
  layout: Layout;
  /** Of an increment: where the backup began that it is based on. */
  incrementalFrom?: bigint;
}

/** What undoes a packing, reading standard input. */
export const packings = { "": "cat", ".gz": "gzip -dc", ".lz4": "lz4 -dc", ".zst": "zstd -dcq" } as const;
type Packing = keyof typeof packings;

/** Finds what pg_basebackup left in a directory; `undefined` if nothing. */
export async function findLayout(directory: string): Promise<Layout | undefined> {
  const names = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  if (names.includes("PG_VERSION") || names.includes("global")) return { kind: "files", directory };
  const tars = names.flatMap((name): TarFile[] => {
    const [, of, packing] = /^(base|pg_wal|\d+)\.tar(|\.gz|\.lz4|\.zst)$/.exec(name) ?? [];
    return of === undefined ? [] : [{ path: join(directory, name), of, packing: packing as Packing }];
  });
  return tars.some(({ of }) => of === "base") ? { kind: "tar", directory, tars } : undefined;
}

/**
 * Reads what a backup says of itself.
 *
 * @throws {OperatorError} `PHYSICAL_BACKUP_INCOMPLETE` if it has no label.
 */
export async function describeBaseBackup(name: string, layout: Layout): Promise<BaseBackup> {
  const { directory } = layout;
  const { text, version } = layout.kind === "tar" ? await firstOfTar(layout) : {
    text: await readText(join(directory, "backup_label")),
    version: await readText(join(directory, "PG_VERSION")),
  };
  const label = parseBackupLabel(text ?? "");
  if (!label) throw physicalBackupIncomplete.label.error({ backup: name });
  const manifest = await readManifest(join(directory, "backup_manifest"));
  return {
    name,
    layout,
    parents: [],
    startLsn: lsnText(label.startLsn),
    timeline: label.timeline,
    startedAt: label.startedAt,
    walSegmentBytes: label.walSegmentBytes,
    incrementalFrom: label.incrementalFrom,
    majorVersion: Number.parseInt(version ?? "") || undefined,
    stopLsn: manifest?.stopLsn === undefined ? undefined : lsnText(manifest.stopLsn),
    sizeBytes: manifest?.sizeBytes,
    systemIdentifier: manifest?.systemIdentifier ??
      (layout.kind === "files" ? await readSystemIdentifier(directory) : undefined),
    holdsWal: layout.kind === "files" ? await hasSegments(join(directory, "pg_wal")) : layout.tars
      .some(({ of }) => of === "pg_wal"),
  };
}

/** The server writes the label first, and first in its tar. What else a tar holds would take a whole pass. */
async function firstOfTar(
  { tars }: Layout & { kind: "tar" },
): Promise<{ text?: string; version?: undefined }> {
  const { path, packing } = tars.find(({ of }) => of === "base")!;
  const reader = stream("/bin/sh", ["-c", `exec <"$1"; ${packings[packing]} | head -c 65536`, "sh", path], { env: {} });
  const [bytes] = await Promise.all([new Response(reader.stdout).bytes(), reader.ended]);
  const decode = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to)).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= bytes.length;) {
    const size = Number.parseInt(decode(at + 124, at + 136), 8) || 0;
    if (decode(at, at + 100) === "backup_label") return { text: decode(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return {};
}

async function readManifest(path: string) {
  const file = await Deno.open(path).catch(() => undefined);
  return file && await readBackupManifest(file.readable);
}

async function readText(path: string): Promise<string | undefined> {
  return await Deno.readTextFile(path).catch(() => undefined);
}

/** The first eight bytes of `pg_control`, in the order of the machine's; one of another order is refused later. */
async function readSystemIdentifier(directory: string): Promise<string | undefined> {
  const bytes = await Deno.readFile(join(directory, "global", "pg_control")).catch(() => undefined);
  if (!bytes || bytes.length < 8) return undefined;
  return String(new DataView(bytes.buffer).getBigUint64(0, true));
}

async function hasSegments(directory: string): Promise<boolean> {
  const names = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name).catch(() => []);
  return names.some((name) => /^[0-9A-F]{24}$/.test(name));
}
