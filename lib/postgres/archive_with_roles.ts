import { Buffer } from "node:buffer";
import { join } from "node:path";
import { filesAt } from "../system/checksums.ts";
import { readRegular } from "../system/regular_file.ts";
import { mappedOwner, mappedRole, type RoleMapping } from "../options/role_mapping.ts";
import { type ArchiveBytes, type ArchiveEntry, readArchiveBytes, type Span } from "./archive_contents.ts";
import { mapRolesInSql } from "./plain/map_roles_in_sql.ts";

/** Whose statements name roles; of all else the owner does. */
const naming = new Set(["ACL", "DEFAULT ACL", "POLICY", "USER MAPPING", "DATABASE PROPERTIES"]);

/**
 * Writes an archive whose objects belong, and are granted, to other roles: pg_restore can give no role another name. Rows
 * are copied as they are; files of a directory are linked where that can be.
 *
 * @param path An archive in custom or directory format.
 * @param to A path that does not exist yet.
 * @returns Whether its table of contents could be read; else nothing was written.
 */
export async function writeArchiveWithRoles(path: string, to: string, mapping: RoleMapping): Promise<boolean> {
  const archive = await readArchiveBytes(path);
  if (!archive) return false;
  const contents = withRoles(archive, mapping);
  if (!(await Deno.stat(path)).isDirectory) {
    using file = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
    await writeAll(file, contents);
    let left = archive.end;
    for await (const piece of readRegular(path)) {
      await writeAll(file, piece.subarray(Math.min(left, piece.length)));
      left -= Math.min(left, piece.length);
    }
    return true;
  }
  await Deno.mkdir(to, { mode: 0o700 });
  await Deno.writeFile(join(to, "toc.dat"), contents, { createNew: true, mode: 0o600 });
  for (const name of await filesAt(path)) {
    if (name !== "toc.dat") await linkOrCopy(join(path, name), join(to, name));
  }
  return true;
}

function withRoles(archive: ArchiveBytes, mapping: RoleMapping): Uint8Array<ArrayBuffer> {
  const { bytes, entries, places, end, integerBytes } = archive;
  const pieces: Uint8Array[] = [];
  const offsets: Span[] = [];
  let [from, length] = [0, 0];
  const add = (piece: Uint8Array) => {
    pieces.push(piece);
    length += piece.length;
  };
  entries.forEach((entry, place) => {
    const { offset, ...strings } = places[place];
    const changed = changedStrings(archive, entry, strings, mapping);
    for (const [key, [start, stop]] of Object.entries(strings).sort(([, [a]], [, [b]]) => a - b)) {
      const text = changed[key as keyof typeof changed];
      if (text === undefined) continue;
      add(bytes.subarray(from, start));
      add(asString(text, integerBytes));
      from = stop;
    }
    if (!offset) return;
    add(bytes.subarray(from, offset[1]));
    offsets.push([length - (offset[1] - offset[0]), length]);
    from = offset[1];
  });
  add(bytes.subarray(from, end));
  const result = new Uint8Array(length);
  pieces.reduce((at, piece) => (result.set(piece, at), at + piece.length), 0);
  for (const [start, stop] of offsets) moveOffset(result.subarray(start, stop), length - end);
  return result;
}

/** Every byte a character. */
type Strings = Partial<Record<"definition" | "dropStatement" | "owner", string>>;

function changedStrings(
  { bytes, integerBytes }: ArchiveBytes,
  entry: ArchiveEntry,
  places: Record<keyof Strings, Span>,
  mapping: RoleMapping,
): Strings {
  const { kind, owner } = entry;
  const newOwner = owner === "" ? "" : ownerOf(entry, mapping);
  // What is left of an owner's own privileges is the new owner's.
  const rename = (role: string) => role === owner && kind === "ACL" ? newOwner : mappedRole(mapping, role);
  const mapped = ([start, stop]: Span) => {
    const old = Buffer.from(bytes.subarray(Math.min(start + 1 + integerBytes, stop), stop)).toString("latin1");
    return mapRolesInSql(old, rename);
  };
  return {
    ...newOwner !== owner && { owner: Buffer.from(newOwner).toString("latin1") },
    ...naming.has(kind) && { definition: mapped(places.definition), dropStatement: mapped(places.dropStatement) },
  };
}

/** Default privileges are about what a role makes from then on. */
function ownerOf(entry: ArchiveEntry, mapping: RoleMapping): string {
  const { kind, name, owner } = entry;
  const isOfEveryDatabase = kind === "SCHEMA" && name === "public" || kind === "ACL" && name === "SCHEMA public";
  if (mapping.owner !== undefined && !mapping.ownerIsSuperuser && isForSuperusers(entry)) return ""; // of who restores
  return kind === "DEFAULT ACL" || isOfEveryDatabase ? mappedRole(mapping, owner) : mappedOwner(mapping, owner);
}

function isForSuperusers({ kind, definition }: ArchiveEntry): boolean {
  return kind === "EVENT TRIGGER" || kind === "FOREIGN DATA WRAPPER" || kind === "SUBSCRIPTION" ||
    kind === "PUBLICATION" && / FOR (ALL TABLES|TABLES IN SCHEMA)\b/.test(definition) ||
    kind === "PUBLICATION TABLES IN SCHEMA";
}

/** As WriteStr does: a length, a sign before it, lowest byte first. */
function asString(text: string, integerBytes: number): Uint8Array {
  const result = new Uint8Array(1 + integerBytes + text.length);
  for (let place = 0, rest = text.length; place < integerBytes; place++, rest = Math.floor(rest / 256)) {
    result[1 + place] = rest % 256;
  }
  result.set(Buffer.from(text, "latin1"), 1 + integerBytes);
  return result;
}

/** `K_OFFSET_POS_SET`: the rows of an entry begin where it says; else they are looked for. */
const isKnown = 2;

function moveOffset(bytes: Uint8Array, by: number): void {
  if (bytes[0] !== isKnown) return;
  let value = BigInt(by);
  for (let place = 1; place < bytes.length; place++) value += BigInt(bytes[place]) << BigInt(8 * (place - 1));
  for (let place = 1; place < bytes.length; place++, value >>= 8n) bytes[place] = Number(value & 0xffn);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch {
    using file = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
    for await (const piece of readRegular(from, { followLinks: false })) await writeAll(file, piece);
  }
}
