import { makeKeyPair } from "../storage/encryption.ts";
import { OperatorError } from "../system/operator_error.ts";
import { makeSigningKey } from "../verdict/signing_key.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { type JobOptions, runJob } from "./run_job.ts";

export interface KeygenOptions extends JobOptions {
  /** The file to write; there must be none yet. */
  output: string;
  /** Make a key that signs evidence, not one that decrypts backups. Its public half goes into `output` with `.pub`. */
  signing?: boolean;
}

/** Makes an identity that decrypts backups, and says the recipient that encrypts them; or a key that signs evidence. */
export function keygen(options: KeygenOptions): Promise<Verdict> {
  return runJob("keygen", options, async (job) => {
    if (options.signing) {
      const { privatePem, publicPem, id } = makeSigningKey();
      const publicPath = `${options.output}.pub`;
      await job.phase("write", async () => {
        await writeNew(options.output, privatePem);
        await writeNew(publicPath, publicPem, 0o644).catch(async (error) => {
          await Deno.remove(options.output); // a private key whose public half is not there is of no use
          throw error;
        });
      });
      return job.record({ signing_key: { id, public_key: publicPath } });
    }
    const { identity, recipient } = await makeKeyPair();
    const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`;
    await job.phase("write", () => writeNew(options.output, text));
    job.record({ recipient });
  });
}

/** Never over a key that is there: what was encrypted for it could not be read again. */
async function writeNew(path: string, text: string, mode = 0o600): Promise<void> {
  let isOurs = false;
  try {
    using file = await Deno.open(path, { write: true, createNew: true, mode });
    isOurs = true;
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) rest = rest.subarray(await file.write(rest));
    await file.sync();
  } catch (error) {
    if (isOurs) await Deno.remove(path).catch(() => {});
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new OperatorError("OUTPUT_EXISTS", `${path} is there already, and keygen replaces nothing.`, {
        fix: "Name another file. Keep the old key as long as anything exists that needs it.",
      });
    }
    throw new OperatorError("CANNOT_WRITE_FILE", `Cannot write ${path}: ${(error as Error).message}.`, {
      fix: "Check the directory's permissions and free space.",
      cause: error,
    });
  }
}
