import { Command, Option } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { debugOption, quietOption } from "./options.ts";

const description = `Makes a key pair for encrypted backups. The identity, which decrypts, is
written to a new file of mode 0600 and shown nowhere else; the recipient, which
encrypts, stands in the verdict, for backup --encrypt. Keep the file away from
the host that makes backups, and keep a copy: nothing else reads them.

With --signing it makes an Ed25519 key pair for evidence instead: the private
key for --signing-key, and beside it FILE.pub for verify-evidence, history and
cosign. The verdict says the key's id.`;

const epilogue = `
Exit status: 0 the file is written; 2 it could not be.

Example:
  pgrehearse keygen --to backup-identity.txt`;

export function keygenCommand(execute: Execute) {
  return new Command("keygen")
    .summary("make a key pair for encrypted backups, or for signed evidence")
    .description(description)
    .addOption(new Option("--to <file>", "where the secret key goes; there must be none yet"))
    .addOption(
      new Option("--output <format>", "what stdout gets: text or json; any other word is the file, as with --to")
        .helpGroup("Output:"),
    )
    .addOption(new Option("--signing", "make a key pair that signs evidence"))
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ to, output: formatOrFile, ...options }, command) => {
      const format = formatOrFile === "text" || formatOrFile === "json" ? formatOrFile : undefined;
      const file = format === undefined ? formatOrFile : undefined;
      const output = to ?? file;
      if (output === undefined) return command.error("error: required option '--to <file>' not specified");
      if (to !== undefined && file !== undefined) {
        command.error("error: with --to, --output is text or json");
      }
      return execute({ ...options, output: format }, async (job) => {
        const { keygen } = await import("../jobs/evidence/keygen.ts");
        return await keygen({ ...job, ...options, output });
      });
    });
}
