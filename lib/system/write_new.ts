import { cannotWriteFile } from "./findings.ts";
import type { OperatorError } from "./operator_error.ts";
import { reasonOf } from "./reason.ts";

/**
 * Writes a file that is not there yet, whole or not at all, synced.
 *
 * @param exists What to say if something of that name is there; a link counts.
 * @throws {OperatorError} That, or `CANNOT_WRITE_FILE`.
 */
export async function writeNew(
  path: string,
  text: string,
  { mode, exists }: { mode: number; exists: () => OperatorError },
): Promise<void> {
  let isOurs = false;
  try {
    using file = await Deno.open(path, { write: true, createNew: true, mode });
    isOurs = true;
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) rest = rest.subarray(await file.write(rest));
    await file.sync();
  } catch (error) {
    if (isOurs) await Deno.remove(path).catch(() => {});
    if (error instanceof Deno.errors.AlreadyExists) throw exists();
    throw cannotWriteFile.error({ path, reason: reasonOf(error) }, { cause: error });
  }
}
