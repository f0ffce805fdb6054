import { Option } from "@commander-js/extra-typings";
import { keyOptions } from "../options/run_options.ts";
import { declaredOption } from "./declared_option.ts";
import type { EvidenceOptions } from "../evidence/keep_evidence.ts";

// The options of every command whose verdict is worth keeping.

export const evidenceOption = () =>
  new Option("--evidence <store>", "sign the verdict and add it to the log in this directory or s3://bucket/prefix");

export const signingKeyOption = () => declaredOption(keyOptions.signing_key);

/**
 * What a job takes.
 *
 * @param command For an error if one of the two is missing.
 * @param signsMore Whether the key signs something else, too, and so needs no evidence.
 */
export function evidenceOf(
  options: { evidence?: string; signingKey?: string; region?: string; endpoint?: string },
  command: { error(message: string): never },
  { signsMore = false } = {},
): EvidenceOptions | undefined {
  const { evidence, signingKey, region, endpoint } = options;
  if (evidence === undefined && signsMore) return undefined;
  if ((evidence === undefined) !== (signingKey === undefined)) {
    command.error("error: --evidence needs --signing-key, and --signing-key needs --evidence");
  }
  if (evidence === undefined) return undefined;
  return { to: evidence, signingKey: signingKey!, store: { region, endpoint } };
}
