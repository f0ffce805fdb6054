import { verifyEvidenceOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { partOf } from "../options/settle.ts";
import { reachOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";

const description = `Says whether an evidence record is intact, altered, or signed with a different
key. Intact: one of the given keys signed it, and it was not changed since.
Signed with a different key: the key that the record itself names signed it;
anyone can make such a record, also from an altered one. Altered: neither key
fits.

It says nothing about missing records: see history --verify.`;

const epilogue = `
Exit status: 0 intact; 1 altered, signed with a different key, or about another
backup; 2 could not verify, or not an evidence record.

Example:
  pgrehearse verify-evidence /srv/evidence/evidence-00000001.dsse.json --key evidence.pub`;

const options = { ...verifyEvidenceOptions, ...reachOptions, ...outputOptions } as const;

export const verifyEvidenceCommand = defineCommand({
  name: "verify-evidence",
  summary: "say whether a signed verdict is intact, altered, or of a different key",
  description,
  epilogue,
  operands: ["<record>", "the file, or s3://bucket/prefix/file"],
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { verifyEvidence } = await import("../jobs/evidence/verify_evidence.ts");
      const [record] = given.operands;
      return await verifyEvidence({ ...settled, record, store: partOf(reachOptions, settled) });
    }),
});
