import { dirname, join } from "node:path";
import { OperatorError } from "../../system/operator_error.ts";
import { reasonOf } from "../../system/reason.ts";
import { writeNew } from "../../system/write_new.ts";

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
  if (there.length > 0) throw exists(there);

  const made: string[] = [];
  try {
    for (const [index, { text, mode = 0o644 }] of files.entries()) {
      const path = paths[index];
      await makeDirectory(dirname(path), made);
      await writeNew(path, text, { mode, exists: () => exists([path]) });
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
    throw new OperatorError(
      "CANNOT_MAKE_DIRECTORY",
      `Cannot make the directory ${path}: ${reasonOf(error)}.`,
      { fix: "Name a directory with --output-dir that this user may make or write to.", cause: error },
    );
  }
}

function exists([first, ...others]: string[]): OperatorError {
  const what = others.length > 0 ? `${first} and ${others.length} more are` : `${first} is`;
  return new OperatorError("OUTPUT_EXISTS", `${what} there already, and init replaces nothing; it wrote no file.`, {
    fix: "Move it away, or name another directory with --output-dir.",
    detail: others.length > 0 ? [first, ...others].join("\n") : undefined,
  });
}
