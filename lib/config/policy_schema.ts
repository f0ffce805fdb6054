import { z } from "zod";
import { historyOptions } from "../options/evidence_options.ts";
import { keysOf } from "./declared_keys.ts";
import { writtenDuration } from "../options/fields.ts";

/** What a drill must prove, and within which time. */
export const policySchema = z.strictObject({
  ...keysOf("policy.", historyOptions),
  rpo: writtenDuration.optional().describe(
    "Limit for the recovery point: from the backup's snapshot to the drill's start, or to --incident-at.",
  ),
  max_backup_age: writtenDuration.optional().describe("Limit for the age of the backup when it is drilled."),
  require_proof: z.enum(["exact", "checked", "recovered", "restored"]).optional().describe(
    "The weakest proof that passes, for each database.",
  ),
  require_encryption: z.boolean().optional().describe("The backup must be encrypted."),
  require_signature: z.boolean().optional().describe("A trusted key must have signed the backup's manifest."),
  require_checksum: z.boolean().optional().describe("Size and hash of the dump's files must have been compared."),
  require_isolation: z.union([z.boolean(), z.enum(["full", "namespaces", "account"])]).optional().describe(
    "How strongly the restored copy must be isolated from this host; true means full. --into and restore cannot provide " +
      "it, because there the dump runs on the server that you name.",
  ),
  require_evidence: z.boolean().optional().describe("The verdict must be kept as signed evidence."),
});

export type Policy = z.infer<typeof policySchema>;
