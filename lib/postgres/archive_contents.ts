import { Buffer } from "node:buffer";
import { join } from "node:path";
import { openRegular } from "../system/regular_file.ts";

/** An entry of an archive's table of contents, as pg_dump wrote it: names are not joined, and what needs what is told. */
export interface ArchiveEntry {
  id: number;
  /** `TABLE`, `TABLE DATA`, `FK CONSTRAINT`, … */
  kind: string;
  /** Empty for what lies in no schema. */
  schema: string;
  /** The name; `table name` of what hangs on a table, `name(integer)` of a function. */
  name: string;
  owner: string;
  /** What `pg_restore --clean` runs, without its `IF EXISTS`; empty where it runs nothing. */
  dropStatement: string;
  /** The statements that make it. */
  definition: string;
  /** Where its rows are, in the directory and tar formats. */
  file?: string;
  /** Ids of the entries that it needs; not each of them need be in the archive. */
  needs: number[];
}

/** An archive's head and table of contents. */
export interface ArchiveContents {
  /** The database that was dumped. */
  database: string;
  entries: ArchiveEntry[];
}

/** From where to where in the bytes; with its length before it, a string. */
export type Span = readonly [from: number, to: number];

/** A table of contents in bytes, and the places of its parts. */
export interface ArchiveBytes extends ArchiveContents {
  bytes: Uint8Array;
  /** Of each entry. */
  places: (Record<"definition" | "dropStatement" | "owner", Span> & { offset?: Span })[];
  /** Where the table of contents ends. */
  end: number;
  integerBytes: number;
}

/** Longer ones are damaged: hundreds of thousands of objects take less. */
const largestContentsBytes = 256 * 1024 * 1024;

/**
 * Reads the table of contents of an archive in custom, directory or tar format. Rows are not looked at.
 *
 * @returns `undefined` where there is none that we know how to read.
 * @throws {OperatorError} `NOT_A_FILE`; and what opening throws.
 */
export async function readArchiveContents(path: string): Promise<ArchiveEntry[] | undefined> {
  return (await readArchive(path))?.entries;
}

/** The same, with the head. */
export async function readArchive(path: string): Promise<ArchiveContents | undefined> {
  const archive = await readArchiveBytes(path);
  return archive && { database: archive.database, entries: archive.entries };
}

/** The same, with its bytes. */
export async function readArchiveBytes(path: string): Promise<ArchiveBytes | undefined> {
  const { isDirectory } = await Deno.stat(path);
  const file = isDirectory ? await openRegular(join(path, "toc.dat"), { followLinks: false }) : await openRegular(path);
  try {
    const { size } = await file.stat();
    // Its length is unknown beforehand.
    for (let length = 1 << 20; length <= largestContentsBytes; length *= 4) {
      const bytes = Buffer.alloc(Math.min(length, size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      try {
        return parse(bytes.subarray(0, bytesRead));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error; // it goes on behind these bytes
        if (length >= size) return undefined;
      }
    }
    return undefined;
  } finally {
    await file.close();
  }
}

// PostgreSQL's src/bin/pg_dump/pg_backup_archiver.h: K_VERS_1_12 to K_VERS_1_16, pg_dump 9.0 to 18.
const [oldest, compressedByName, namesAccessMethod, namesRelationKind, newest] = [12, 15, 14, 16, 16];
const CUSTOM = 1;
const tarHeaderBytes = 512;

/** As ReadHead and ReadToc do. Numbers are a sign and then bytes, lowest first. */
function parse(bytes: Uint8Array): ArchiveBytes | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
  // In a tar it is the first member.
  const start = text(0, 8) === "toc.dat\0" ? tarHeaderBytes : 0;
  if (text(start, start + 5) !== "PGDMP") return undefined;
  const [major, minor] = [view.getUint8(start + 5), view.getUint8(start + 6)];
  if (major !== 1 || minor < oldest || minor > newest) return undefined;
  const [integerBytes, offsetBytes, format] = [8, 9, 10].map((place) => view.getUint8(start + place));
  let at = start + 11;
  const integer = () => {
    const sign = view.getUint8(at++) === 0 ? 1 : -1;
    let value = 0;
    for (let place = 0; place < integerBytes; place++) value += view.getUint8(at++) * 256 ** place;
    return sign * value;
  };
  const string = (): string | undefined => {
    const length = integer();
    if (length < 0) return undefined;
    if (at + length > bytes.length) throw new RangeError("cut short");
    at += length;
    return text(at - length, at);
  };
  const placed = (): [string, Span] => {
    const from = at;
    return [string() ?? "", [from, at]];
  };
  const skip = (read: () => unknown, times = 1) => {
    for (let time = 0; time < times; time++) read();
  };

  if (minor >= compressedByName) at++;
  else integer();
  skip(integer, 7); // when
  const database = string() ?? "";
  skip(string, 2); // both versions
  const places: ArchiveBytes["places"] = [];
  const entry = (): ArchiveEntry => {
    const id = integer();
    skip(integer); // whether it has data
    skip(string, 2); // table's and object's OID
    const [name, kind] = [string() ?? "", string() ?? ""];
    skip(integer); // section
    const [definition, definitionAt] = placed();
    const [drop, dropStatementAt] = placed();
    skip(string); // COPY statement
    const schema = string() ?? "";
    skip(string, minor >= namesAccessMethod ? 2 : 1); // tablespace
    if (minor >= namesRelationKind) skip(integer);
    const [owner, ownerAt] = placed();
    skip(string); // WITH OIDS
    const needs: number[] = [];
    for (let other; (other = string()) !== undefined;) needs.push(Number(other));
    let file: string | undefined;
    const endsAt = at;
    if (format === CUSTOM) at += 1 + offsetBytes;
    else file = string();
    places.push({
      ...{ definition: definitionAt, dropStatement: dropStatementAt, owner: ownerAt },
      ...(format === CUSTOM && { offset: [endsAt, at] as const }),
    });
    return { id, kind, schema, name, owner, dropStatement: drop.trim(), definition, ...(file && { file }), needs };
  };
  const entries: ArchiveEntry[] = [];
  for (let left = integer(); left > 0; left--) entries.push(entry());
  return { database, entries, bytes, places, end: at, integerBytes };
}
