import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { readRegularBytes } from "../../system/regular_file.ts";
import type { Accounts } from "./files_accounts.ts";
import type { FoundFile } from "./files_found.ts";

const hex = z.string().regex(/^[0-9a-f]+$/);

/** What the manifest says of a file. Nothing of its content can be read from it. */
const recordedFileSchema = z.object({
  size_bytes: z.number(),
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  /**
   * scrypt of the content's SHA-256 with its own salt. An environment file may hold little that is not known, and its
   * bare hash in a manifest would let anybody try passwords, millions a second.
   */
  salt: hex,
  sha256_scrypt: hex,
});

export type RecordedFile = z.infer<typeof recordedFileSchema>;

/** By path. */
export const recordedFilesSchema = z.record(z.string(), recordedFileSchema);

/** @throws {Deno.errors.PermissionDenied} */
export async function recordFile(
  { realPath, stat }: FoundFile,
  { users, groups }: { users: Accounts; groups: Accounts },
): Promise<RecordedFile> {
  const salt = randomBytes(16).toString("hex");
  const content = await readRegularBytes(realPath);
  return {
    size_bytes: content.length,
    mode: modeText(stat),
    owner: users.nameOf(stat.uid!) ?? String(stat.uid),
    group: groups.nameOf(stat.gid!) ?? String(stat.gid),
    salt,
    sha256_scrypt: (await saltedHash(content, salt)).toString("hex"),
  };
}

/** Whether a file holds what it held when it was recorded. */
export async function isAsRecorded(content: Uint8Array, recorded: RecordedFile): Promise<boolean> {
  if (content.length !== recorded.size_bytes) return false;
  return timingSafeEqual(await saltedHash(content, recorded.salt), Uint8Array.fromHex(recorded.sha256_scrypt));
}

export function modeText({ mode }: Deno.FileInfo): string {
  return (mode! & 0o7777).toString(8).padStart(4, "0");
}

/** 40 ms, and as long for whoever guesses. */
function saltedHash(content: Uint8Array, salt: string): Promise<Uint8Array & { toString(encoding: "hex"): string }> {
  const sha256 = createHash("sha256").update(content).digest();
  return new Promise((done, fail) =>
    scrypt(sha256, Uint8Array.fromHex(salt), 32, { N: 2 ** 14 }, (error, hash) => error ? fail(error) : done(hash))
  );
}
