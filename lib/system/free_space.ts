import { statfs } from "node:fs/promises";

/** How many bytes this account can still write where a path lies. Throws if there is no such path. */
export async function freeSpaceBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return Number(bavail) * Number(bsize);
}
