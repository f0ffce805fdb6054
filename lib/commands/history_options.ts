import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { collect, wholeNumber } from "./option_values.ts";

// The options of the commands that look back.

export const keyOption = () =>
  new Option("--key <file>", "a public key whose signatures count, as keygen --signing wrote it; may be repeated")
    .argParser(collect);

export const evidenceStoreOption = () =>
  new Option("--evidence-store <store>", "the directory or s3://bucket/prefix of the evidence, if it is not --from");

export const recordLimitOption = () =>
  new Option("--limit <n>", "read the newest so many records beside backups, and show as many runs").default(500)
    .argParser((text) => wholeNumber(text, 1, 1_000_000));

export function sha256Hex(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It must be a SHA-256: 64 hex digits.");
}
