import { z } from "zod";

// A million objects must fit a manifest of 256 MiB, which is printed with one line per element: so an object is one text,
// `SIZE ETAG SHA256 VERSION NAME`, with `-` for what is not known. Only a name may hold blanks.

/** An object as it was recorded, or as it is now. */
export interface InventoryEntry {
  /** Without the prefix. */
  name: string;
  sizeBytes: number;
  etag?: string;
  /** 64 lower-case hex digits. */
  sha256?: string;
  version?: string;
}

export const recordedInventorySchema = z.object({
  /** Where it was recorded. */
  bucket: z.string(),
  prefix: z.string(),
  recorded_at: z.string(),
  objects: z.array(z.string()),
});

export type RecordedInventory = z.infer<typeof recordedInventorySchema>;

export function writeEntry({ name, sizeBytes, etag, sha256, version }: InventoryEntry): string {
  const known = [etag && encodeURIComponent(etag), sha256 && Uint8Array.fromHex(sha256).toBase64(), version];
  return [sizeBytes, ...known.map((value) => value ?? "-"), name].join(" ");
}

/** @throws {Error} If it was not written by {@linkcode writeEntry}. */
export function readEntry(text: string): InventoryEntry {
  const [, size, etag, sha256, version, name] = /^(\d+) (\S+) (\S+) (\S+) (.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new Error(`no entry of an inventory: ${text}`);
  return {
    name,
    sizeBytes: Number(size),
    ...(etag !== "-" && { etag: decodeURIComponent(etag) }),
    ...(sha256 !== "-" && { sha256: Uint8Array.fromBase64(sha256).toHex() }),
    ...(version !== "-" && { version }),
  };
}
