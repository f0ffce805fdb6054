import { z } from "zod";
import { historyOptions } from "../options/evidence_options.ts";
import { keysOf } from "./declared_keys.ts";
import { writtenDuration } from "../options/fields.ts";

/** What a drill must prove, and within which time. */
export const policySchema = z.strictObject({
  ...keysOf("policy.", historyOptions),
  rpo: writtenDuration.optional().describe(
    "Recovery point: from the backup's snapshot to the drill's start, or to --incident-at.",
  ),
  max_backup_age: writtenDuration.optional().describe("How old the backup may be when it is drilled."),
  require_proof: z.enum(["exact", "checked", "recovered", "restored"]).optional().describe(
    "How much a passing drill must prove, for each database.",
  ),
  require_encryption: z.boolean().optional().describe("The backup must be encrypted for somebody."),
  require_signature: z.boolean().optional().describe("A trusted key must have signed the backup's manifest."),
  require_checksum: z.boolean().optional().describe("Size and hash of the dump's files must have been compared."),
  require_isolation: z.union([z.boolean(), z.enum(["full", "namespaces", "account"])]).optional().describe(
    "How far what is restored must be kept from this host; true means full. No --into and no restore can give it: there the " +
      "dump runs on the server that you name.",
  ),
  require_evidence: z.boolean().optional().describe("The verdict must be kept as signed evidence."),
});

export type Policy = z.infer<typeof policySchema>;
