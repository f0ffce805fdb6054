import { join } from "node:path";
import { openRegular } from "../system/regular_file.ts";

/** What an archive says of itself: enough to tell one dump from another, even where most of it is lost. */
export interface ArchiveHeader {
  /** When pg_dump began, by its host's clock and in its time zone: `2026-01-02T03:04:05`. */
  created_at: string;
  /** The database that was dumped. */
  database: string;
}

const compressedByNameSince = 15; // archive version 1.15, pg_dump 16

/**
 * Reads the header of an archive in custom or directory format.
 *
 * @returns `undefined` where there is none, or it is cut short or damaged.
 */
export async function readArchiveHeader(path: string): Promise<ArchiveHeader | undefined> {
  try {
    const { isDirectory } = await Deno.stat(path);
    await using file = await openRegular(isDirectory ? join(path, "toc.dat") : path);
    const bytes = new Uint8Array(1024);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return parse(bytes.subarray(0, bytesRead));
  } catch {
    return undefined; // a DataView throws at its end
  }
}

/** PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c: WriteHead. Numbers are a sign and then bytes, lowest first. */
function parse(bytes: Uint8Array): ArchiveHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (new TextDecoder().decode(bytes.subarray(0, 5)) !== "PGDMP") return undefined;
  const [minor, intSizeBytes] = [view.getUint8(6), view.getUint8(8)];
  let at = 11;
  const integer = () => {
    const sign = view.getUint8(at++) === 0 ? 1 : -1;
    let value = 0;
    for (let place = 0; place < intSizeBytes; place++) value += view.getUint8(at++) * 256 ** place;
    return sign * value;
  };
  if (minor >= compressedByNameSince) at++;
  else integer();
  const [seconds, minutes, hours, day, month, year] = Array.from({ length: 7 }, integer);
  const created = new Date(Date.UTC(year + 1900, month, day, hours, minutes, seconds));
  const length = integer();
  if (length < 0 || at + length > bytes.length) return undefined;
  return {
    created_at: created.toISOString().slice(0, 19),
    database: new TextDecoder().decode(bytes.subarray(at, at + length)),
  };
}
