import { dirname, join } from "node:path";
import { writeNew } from "../../system/files.ts";
import { cannotMakeDirectory } from "../../system/findings.ts";
import { reasonOf } from "../../system/operator_error.ts";
import { outputExists } from "../findings.ts";

/** A file to write, by its name below the output directory. */
export interface NewFile {
  name: string;
  text: string;
  /** @default {0o644} */
  mode?: number;
}

/**
 * Writes files that are not there yet, and the directories they lie in.
 *
 * @returns Their paths.
 * @throws {OperatorError} `OUTPUT_EXISTS` if one is there, `CANNOT_WRITE_FILE`; then nothing was written.
 */
export async function writeAllNew(directory: string, files: readonly NewFile[]): Promise<string[]> {
  const paths = files.map(({ name }) => join(directory, name));
  const there: string[] = [];
  for (const path of paths) if (await Deno.lstat(path).then(() => true, () => false)) there.push(path);
  if (there.length > 0) throw outputExists.init.error({ paths: there });

  const made: string[] = [];
  try {
    for (const [index, { text, mode = 0o644 }] of files.entries()) {
      const path = paths[index];
      await makeDirectory(dirname(path), made);
      await writeNew(path, text, { mode, exists: () => outputExists.init.error({ paths: [path] }) });
      made.push(path);
    }
    return paths;
  } catch (error) {
    for (const path of made.toReversed()) await Deno.remove(path).catch(() => {}); // a directory only if it is empty
    throw error;
  }
}

/** Makes a directory and its parents, and adds those to `made` that were not there. */
async function makeDirectory(path: string, made: string[]): Promise<void> {
  if (await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false)) return;
  if (dirname(path) !== path) await makeDirectory(dirname(path), made);
  try {
    await Deno.mkdir(path);
    made.push(path);
  } catch (error) {
    throw cannotMakeDirectory.output.error({ path, reason: reasonOf(error) }, { cause: error });
  }
}
