import type { SignatureState } from "../../report/reported_run.ts";
import { type EvidenceState, examineEvidence } from "../../evidence/sealed_verdict.ts";
import type { VerificationKey } from "../../evidence/signing_key.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { verdictSchema } from "../../verdict/verdict_schema.ts";
import { readRegular } from "../../system/regular_file.ts";
import { evidenceAltered, evidenceSignedByOther, evidenceUnsigned } from "../../evidence/findings.ts";
import { notAVerdict, verdictUnreadable } from "./findings.ts";

/** A larger file is not a verdict. */
const largestVerdictBytes = 64 * 1024 * 1024;

/** A verdict as it was read. */
interface ReadVerdict {
  verdict: Verdict;
  signature: SignatureState;
}

/**
 * Reads a verdict: as a command printed it, or as signed evidence.
 *
 * @param path `-` for standard input.
 * @param keys Whose signatures count; with any, only what one of them signed is read.
 * @throws {OperatorError} `VERDICT_UNREADABLE`, `NOT_A_VERDICT`, `EVIDENCE_ALTERED`, `EVIDENCE_SIGNED_BY_OTHER`,
 *   `EVIDENCE_UNSIGNED`.
 */
export async function readVerdict(path: string, keys: readonly VerificationKey[]): Promise<ReadVerdict> {
  const bytes = await readAll(path);
  const { state, statement, signer } = examineEvidence(bytes, keys);
  if (state === "not_evidence") {
    if (keys.length > 0) throw evidenceUnsigned.error({ path });
    return { verdict: parseVerdict(parseJson(bytes, path), path), signature: { state: "unsigned" } };
  }
  if (state === "altered" || !statement) throw evidenceAltered.reported.error({ path });
  if (state === "signed_by_other") throw evidenceSignedByOther.reported.error({ path });
  const verdict = parseVerdict(statement.predicate.verdict, path);
  return { verdict, signature: { state: signatureStates[state], ...(signer && { signer }) } };
}

const signatureStates = { intact: "verified", unchecked: "unchecked" } as const satisfies Partial<
  Record<EvidenceState, SignatureState["state"]>
>;

async function readAll(path: string): Promise<Uint8Array> {
  try {
    const stream = path === "-" ? Deno.stdin.readable : readRegular(path);
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of stream) {
      pieces.push(piece);
      if ((size += piece.length) > largestVerdictBytes) throw new Error("it is larger than 64 MiB");
    }
    return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  } catch (error) {
    throw verdictUnreadable.error({ path, reason: (error as Error).message }, { cause: error });
  }
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw notAVerdict.error({ path, reason: `it is not JSON (${(error as Error).message})` });
  }
}

/** Fields are added, never renamed: those that a newer version added are left out. */
function parseVerdict(document: unknown, path: string): Verdict {
  for (;;) {
    const result = verdictSchema.safeParse(document);
    if (result.success) return result.data;
    const unknown = result.error.issues.filter((issue) => issue.code === "unrecognized_keys");
    const [first] = result.error.issues;
    if (unknown.length === 0 || (document as Partial<Verdict>).schema !== "pgrehearse.verdict/v1") {
      throw notAVerdict.error({ path, reason: `${first.path.join(".") || "the document"}: ${first.message}` });
    }
    for (const { path: where, keys } of unknown) {
      const holder = where.reduce((at, key) => (at as Record<PropertyKey, unknown>)[key], document);
      for (const key of keys) delete (holder as Record<string, unknown>)[key];
    }
  }
}
