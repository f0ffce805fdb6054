import { makeKeyPair } from "../storage/encryption.ts";
import { OperatorError } from "../system/operator_error.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { type JobOptions, runJob } from "./run_job.ts";

export interface KeygenOptions extends JobOptions {
  /** The file to write; there must be none yet. */
  output: string;
}

/** Makes an identity that decrypts backups, and says the recipient that encrypts them. */
export function keygen(options: KeygenOptions): Promise<Verdict> {
  return runJob("keygen", options, async (job) => {
    const { identity, recipient } = await makeKeyPair();
    const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`;
    await job.phase("write", () => writeNew(options.output, text));
    job.record({ recipient });
  });
}

/** Never over an identity that is there: what was encrypted for it could not be read again. */
async function writeNew(path: string, text: string): Promise<void> {
  let isOurs = false;
  try {
    using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
    isOurs = true;
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) rest = rest.subarray(await file.write(rest));
    await file.sync();
  } catch (error) {
    if (isOurs) await Deno.remove(path).catch(() => {});
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new OperatorError("OUTPUT_EXISTS", `${path} is there already, and keygen replaces nothing.`, {
        fix: "Name another file. Keep the old identity as long as backups exist that need it.",
      });
    }
    throw new OperatorError("CANNOT_WRITE_FILE", `Cannot write ${path}: ${(error as Error).message}.`, {
      fix: "Check the directory's permissions and free space.",
      cause: error,
    });
  }
}
