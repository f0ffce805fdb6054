import { findConfig } from "../config/find_config.ts";
import type { Config } from "../config/read_config.ts";
import { type configOptions, shardOptions } from "../options/config_options.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { partOf, valuesAt } from "../options/settle.ts";
import type { EvidenceKeeper } from "../run/job.ts";
import { fromOptions, reachOptions, storeOptions, type whichOptions } from "../options/store_options.ts";
import type { Given } from "./command.ts";
import { isFlagged } from "./declare_options.ts";

/**
 * Chooses the configuration: the one that was named, or, where the command line does not say what is meant by itself, the
 * one that lies at hand.
 *
 * @returns Its path.
 */
export async function chooseConfig(
  { command, said: { configPath, shard } }: Pick<Given<typeof configOptions & typeof shardOptions>, "command" | "said">,
  { isSaid }: { isSaid: boolean },
): Promise<string | undefined> {
  const path = configPath ?? (isSaid ? undefined : await findConfig());
  if (path === undefined && isFlagged(command, shardOptions.shard) && shard) {
    command.error("error: --shard needs a configuration");
  }
  return path;
}

/** The operand of commands that restore a backup. */
export const backupOperand = ["[backup]", "the dump, its manifest, or a name in --from as list prints it"] as const;

/** Makes sure that the command line, or a configuration, says which backup is meant. */
export function requireWhich(
  { command, said, operands: [backup] }: Given<typeof whichOptions> & { said: { allDatabases?: boolean } },
  path: string | undefined,
): void {
  const isLatest = said.latest || said.before !== undefined || said.drilled || (said.allDatabases && !backup) ||
    (path !== undefined && backup === undefined);
  if ((backup === undefined) === !isLatest) {
    command.error("error: name a backup, or give --latest with --from, or a configuration");
  }
  if (isLatest && said.from === undefined && path === undefined) {
    command.error("error: --latest needs --from: a directory of backups");
  }
}

/** The configuration of a command that looks into a store, which must be named somewhere. */
export async function chooseStore(
  given: Given<typeof fromOptions & typeof configOptions>,
): Promise<string | undefined> {
  const { command, said } = given;
  const path = await chooseConfig(given, { isSaid: isFlagged(command, fromOptions.from) });
  if (said.from === undefined && path === undefined) {
    command.error("error: required option '--from <store>' not specified, and there is no configuration");
  }
  return path;
}

/**
 * What keeps a verdict as evidence, as a job takes it.
 *
 * @param signsMore Whether the key signs something else, too, and so needs no evidence.
 */
export function evidenceOf(
  { command, said }: Pick<Given<typeof evidenceOptions & typeof reachOptions>, "command" | "said">,
  { signsMore = false } = {},
): EvidenceKeeper | undefined {
  const { evidenceTo: to, signingKey } = said;
  // A key in the environment is there for whoever signs.
  const isKeyAlone = to === undefined && !signsMore && isFlagged(command, evidenceOptions.signingKey);
  if (isKeyAlone || (to !== undefined && signingKey === undefined)) {
    command.error("error: --evidence needs --signing-key, and --signing-key needs --evidence");
  }
  if (to === undefined) return undefined;
  const options = { to, signingKey: signingKey!, store: partOf(reachOptions, said) };
  return {
    signingKey: options.signingKey,
    async keep(job) {
      const { keepEvidence } = await import("../evidence/evidence_log.ts");
      await keepEvidence(job, options);
    },
  };
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
