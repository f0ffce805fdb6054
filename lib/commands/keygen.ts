import { outputOptions } from "../options/run_options.ts";
import { keygenOptions } from "../options/set_up_options.ts";
import { defineCommand } from "./command.ts";

const description = `Makes a key pair for encrypted backups. The identity, which decrypts, is
written to a new file of mode 0600 and shown nowhere else. The recipient, which
encrypts, is in the verdict; give it to backup --encrypt. Keep the identity
away from the host that makes backups, and keep a copy: without it the backups
cannot be read.

With --signing it makes an Ed25519 key pair for signatures: the private key for
--signing-key, and beside it FILE.pub for verify-evidence, history and cosign.
The verdict shows the key's id.`;

const epilogue = `
Exit status: 0 the file was written; 2 it was not.

Example:
  pgrehearse keygen --to backup-identity.txt`;

const options = { ...outputOptions, ...keygenOptions } as const;

export const keygenCommand = defineCommand({
  name: "keygen",
  summary: "make a key pair for encrypted backups or for signed evidence",
  description,
  epilogue,
  options,
  async run({ command, said: { to, output: formatOrFile, signing, ...said }, execute }) {
    const format = formatOrFile === "text" || formatOrFile === "json" ? formatOrFile : undefined;
    const file = format === undefined ? formatOrFile : undefined;
    const output = to ?? file;
    if (output === undefined) return command.error("error: required option '--to <file>' not specified");
    if (to !== undefined && file !== undefined) command.error("error: with --to, --output is text or json");
    await execute({ ...said, output: format }, async (job) => {
      const { keygen } = await import("../jobs/evidence/keygen.ts");
      return await keygen({ ...job, signing, output });
    });
  },
});
