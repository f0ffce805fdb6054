import { join } from "node:path";
import { openRegular } from "../system/regular_file.ts";

const pgAuthid = 1260;
const bootstrapRole = 10;
const mapMagic = 0x592717;
const mostBytes = 64 * 1024 * 1024;

/**
 * Reads from a cluster's files which roles are superusers that may log in: who a restored server can be reached as is
 * in no backup's catalogue. A row that was changed since is there as well; whoever does not exist is let in by no server.
 *
 * @returns Names, that of the role that made the cluster first; none where the files cannot be read.
 */
export async function findSuperusers(data: string): Promise<string[]> {
  const map = await readFile(join(data, "global", "pg_filenode.map"));
  if (!map || map.byteLength < 8 || map.getInt32(0, true) !== mapMagic) return [];
  const count = Math.min(map.getInt32(4, true), (map.byteLength - 8) >> 3);
  const place = Array.from({ length: Math.max(0, count) }, (_, index) => 8 + 8 * index)
    .find((at) => map.getUint32(at, true) === pgAuthid);
  const heap = place === undefined
    ? undefined
    : await readFile(join(data, "global", String(map.getUint32(place + 4, true))));
  const found = heap ? superusersIn(heap) : [];
  return [...new Set(found.sort((a, b) => Number(b.isFirst) - Number(a.isFirst)).map(({ name }) => name))];
}

function superusersIn(heap: DataView): { name: string; isFirst: boolean }[] {
  const found: { name: string; isFirst: boolean }[] = [];
  const pageBytes = heap.byteLength < 20 ? 0 : heap.getUint16(18, true) & 0xff00;
  for (let page = 0; pageBytes > 0 && page + pageBytes <= heap.byteLength; page += pageBytes) {
    const lower = Math.min(heap.getUint16(page + 12, true), pageBytes);
    for (let item = 24; item + 4 <= lower; item += 4) {
      const pointer = heap.getUint32(page + item, true);
      const [offset, isNormal] = [pointer & 0x7fff, (pointer >> 15 & 3) === 1];
      if (!isNormal || offset + 23 > pageBytes) continue;
      // oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin
      const row = page + offset + heap.getUint8(page + offset + 22);
      if (row + 73 > page + pageBytes) continue;
      const [isSuper, mayLogIn] = [68, 72].map((column) => heap.getUint8(row + column) === 1);
      const bytes = new Uint8Array(heap.buffer, heap.byteOffset + row + 4, 64);
      const name = new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
      if (isSuper && mayLogIn && name !== "") {
        found.push({ name, isFirst: heap.getUint32(row, true) === bootstrapRole });
      }
    }
  }
  return found;
}

async function readFile(path: string): Promise<DataView | undefined> {
  const file = await openRegular(path, { followLinks: false }).catch(() => undefined);
  if (!file) return undefined;
  try {
    if ((await file.stat()).size > mostBytes) return undefined;
    const bytes = await file.readFile();
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } finally {
    await file.close();
  }
}
