import { makeKeyPair } from "../../storage/encryption.ts";
import { writeNew } from "../../system/files.ts";
import { makeSigningKey } from "../../evidence/signing_key.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { outputExists } from "../findings.ts";

interface KeygenOptions extends JobOptions {
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
        await writeKey(options.output, privatePem);
        await writeKey(publicPath, publicPem, 0o644).catch(async (error) => {
          await Deno.remove(options.output); // a private key whose public half is not there is of no use
          throw error;
        });
      });
      return job.record({ signing_key: { id, public_key: publicPath } });
    }
    const { identity, recipient } = await makeKeyPair();
    const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`;
    await job.phase("write", () => writeKey(options.output, text));
    job.record({ recipient });
  });
}

/** Never over a key that is there: what was encrypted for it could not be read again. */
function writeKey(path: string, text: string, mode = 0o600): Promise<void> {
  return writeNew(path, text, { mode, exists: () => outputExists.key.error({ path }) });
}
