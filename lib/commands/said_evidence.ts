import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Config } from "../config/read_config.ts";
import type { EvidenceOptions } from "../evidence/keep_evidence.ts";
import type { SaidOfOption } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { partOf, valuesAt } from "../options/settle.ts";
import { reachOptions, storeOptions } from "../options/store_options.ts";
import { isFlagged } from "./declare_options.ts";

/**
 * Where a verdict is kept as evidence, as a job takes it.
 *
 * @param command For an error if one of the two is missing.
 * @param signsMore Whether the key signs something else, too, and so needs no evidence.
 */
export function evidenceOf(
  command: CommandUnknownOpts,
  said: SaidOfOption<typeof evidenceOptions & typeof reachOptions>,
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

/** How to reach the configuration's evidence, unless another store was said. */
export function reachEvidence({ evidenceStore }: { evidenceStore?: string }, config: Config | undefined) {
  if (evidenceStore !== undefined || !config?.evidence) return {};
  return { evidenceStoreOptions: valuesAt(storeOptions, config.evidence.to, "store.") };
}
