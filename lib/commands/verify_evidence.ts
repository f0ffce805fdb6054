import { Command, Option } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { collect } from "./option_values.ts";
import { debugOption, quietOption } from "./options.ts";
import { endpointOption, regionOption } from "./store_options.ts";

const description = `Says whether a record of evidence is intact, altered, or signed by somebody
else. Intact: one of the given keys signed it, and it was not changed since.
Signed by somebody else: the key that the record itself names signed it, and it
was not changed since; anybody can make such a record, also of an altered one.
Altered: neither key fits.

It says nothing about records that are not there: see history --verify.`;

const epilogue = `
Exit status: 0 intact; 1 altered, signed by somebody else, or about another
backup; 2 not verified: it is no evidence, or could not be read.

Example:
  pgrehearse verify-evidence /srv/evidence/evidence-00000001.dsse.json --key evidence.pub`;

export function verifyEvidenceCommand(execute: Execute) {
  return new Command("verify-evidence")
    .summary("say whether a signed verdict is intact, altered, or signed by somebody else")
    .description(description)
    .argument("<record>", "the file, or s3://bucket/prefix/file")
    .addOption(
      new Option("--key <file>", "the public key that must have signed it; may be repeated").argParser(collect)
        .makeOptionMandatory(),
    )
    .addOption(new Option("--backup <backup>", "a backup that it must be about; every file of it is hashed"))
    .addOption(new Option("--sigstore-bundle <file>", "write it as the bundle that cosign 3 reads, if it is intact"))
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action((record, { key: keys, region, endpoint, ...options }) =>
      execute(options, async (job) => {
        const { verifyEvidence } = await import("../jobs/evidence/verify_evidence.ts");
        return await verifyEvidence({ ...job, ...options, record, keys, store: { region, endpoint } });
      })
    );
}
