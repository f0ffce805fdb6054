import { statfs } from "node:fs/promises";
import type { OperatorError } from "./operator_error.ts";
import { sizeText } from "./quantities.ts";

/** How many bytes this account can still write where a path lies. Throws if there is no such path. */
export async function freeSpaceBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return Number(bavail) * Number(bsize);
}

/** What says that there is too little room. */
interface TooLittleRoom {
  error(facts: { directory: string; free: string; needed: string }): OperatorError;
}

/**
 * Throws what it is given unless so many bytes can still be written where a directory lies. Where that cannot be told,
 * writing there will say why.
 */
export async function requireRoom(directory: string, neededBytes: number, tooLittle: TooLittleRoom): Promise<void> {
  const freeBytes = await freeSpaceBytes(directory).catch(() => undefined);
  if (freeBytes === undefined || freeBytes >= neededBytes) return;
  throw tooLittle.error({ directory, free: sizeText(freeBytes), needed: sizeText(neededBytes) });
}
