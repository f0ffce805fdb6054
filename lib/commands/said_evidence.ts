import type { Config } from "../config/read_config.ts";
import type { EvidenceOptions } from "../evidence/keep_evidence.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { partOf, valuesAt } from "../options/settle.ts";
import { reachOptions, storeOptions } from "../options/store_options.ts";
import type { Given } from "./command.ts";
import { isFlagged } from "./declare_options.ts";

/**
 * Where a verdict is kept as evidence, as a job takes it.
 *
 * @param signsMore Whether the key signs something else, too, and so needs no evidence.
 */
export function evidenceOf(
  { command, said }: Pick<Given<typeof evidenceOptions & typeof reachOptions>, "command" | "said">,
  { signsMore = false } = {},
): EvidenceOptions | undefined {
  const { evidenceTo: to, signingKey } = said;
  // A key in the environment is there for whoever signs.
  const isKeyAlone = to === undefined && !signsMore && isFlagged(command, evidenceOptions.signingKey);
  if (isKeyAlone || (to !== undefined && signingKey === undefined)) {
    command.error("error: --evidence needs --signing-key, and --signing-key needs --evidence");
  }
  return to === undefined ? undefined : { to, signingKey: signingKey!, store: partOf(reachOptions, said) };
}

/** Where a job finds earlier evidence, and which keys it trusts. */
export function rememberedOf(
  { evidenceStore }: { evidenceStore?: string },
  { keys = [], config }: { keys?: string[]; config?: Config },
) {
  // The configuration says how to reach its own store, not one that was said instead of it.
  const evidence = evidenceStore === undefined ? config?.evidence : undefined;
  return {
    keys,
    trustedKeys: config?.trusted_keys,
    ...(evidence && { evidenceStoreOptions: valuesAt(storeOptions, evidence.to, "store.") }),
  };
}
