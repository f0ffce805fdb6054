import { createHash } from "node:crypto";
import { envelopeText, isSignedBy, parseEnvelope, signEnvelope } from "./dsse.ts";
import { type SigningKey, type VerificationKey, verificationKeyOf } from "./signing_key.ts";
import { makeStatement, parseStatement, type Statement, statementPayloadType } from "./statement.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** A record of evidence as a file: an envelope around a statement. */
interface SealedEvidence {
  text: string;
  /** Of the text; the next record carries it. */
  sha256: string;
}

/** Puts a verdict into a signed record. */
export function sealEvidence(
  verdict: Verdict,
  { sequence, previous, key }: { sequence: number; previous?: string; key: SigningKey },
): SealedEvidence {
  const statement = makeStatement(verdict, { sequence, previous, key: key.verificationKey });
  const payload = new TextEncoder().encode(JSON.stringify(statement));
  const text = envelopeText(signEnvelope(statementPayloadType, payload, key));
  return { text, sha256: sha256Of(text) };
}

/**
 * What a record turns out to be.
 *
 * - `intact`: signed by one of the keys asked for, and unchanged since.
 * - `signed_by_other`: none of the keys signed it, but the key that it names itself did: it is as that key's holder wrote
 *   it, whoever that is. Whoever alters a record and signs it anew makes one of these.
 * - `altered`: neither fits. It was changed after it was signed, or never signed at all; which of the two is unknown.
 * - `unchecked`: no key was asked for.
 * - `not_evidence`: something else.
 */
export type EvidenceState = "intact" | "signed_by_other" | "altered" | "unchecked" | "not_evidence";

/** A record as it was found. */
export interface ExaminedEvidence {
  state: EvidenceState;
  sha256: string;
  /** Not to be believed unless `intact`. */
  statement?: Statement;
  /** Whose signature it is: of a key asked for, or of the one that it names. */
  signer?: string;
  /** Whether the file is byte for byte as pgrehearse writes it; if not, the next record's link does not fit. */
  isAsWritten: boolean;
}

/** Looks at a record. @param keys Whose signatures count; none to look without checking. */
export function examineEvidence(bytes: Uint8Array, keys: readonly VerificationKey[]): ExaminedEvidence {
  const sha256 = sha256Of(bytes);
  const text = new TextDecoder().decode(bytes);
  const envelope = parseEnvelope(text);
  if (!envelope) return { state: isEnvelopeShaped(text) ? "altered" : "not_evidence", sha256, isAsWritten: false };
  const isAsWritten = sha256Of(envelopeText(envelope)) === sha256;
  const statement = parseStatement(envelope.payload);
  const examined = { sha256, isAsWritten, ...(statement && { statement }) };
  const isOurKind = statement !== undefined && envelope.payloadType === statementPayloadType;

  // The signature first: what a payload without one says means nothing.
  const signer = keys.find((key) => isSignedBy(envelope, key));
  if (signer) return { ...examined, state: isOurKind ? "intact" : "not_evidence", signer: signer.id };
  const named = statement && verificationKeyOf(fromBase64(statement.predicate.log.public_key));
  if (named && isSignedBy(envelope, named)) {
    return { ...examined, state: keys.length === 0 ? "unchecked" : "signed_by_other", signer: named.id };
  }
  if (!isOurKind && !mayHaveBeenOurs(envelope.payloadType, envelope.payload)) {
    return { ...examined, state: "not_evidence" };
  }
  return { ...examined, state: "altered" };
}

/** A damaged record shall not pass for something else: one changed letter leaves the other traces of what it was. */
function mayHaveBeenOurs(payloadType: string, payload: Uint8Array): boolean {
  const text = new TextDecoder().decode(payload);
  return [payloadType === statementPayloadType, text.includes("pgrehearse"), text.includes("in-toto.io/Statement")]
    .filter(Boolean).length >= 2;
}

/** Cut short, or with a letter that JSON or base64 does not have. */
function isEnvelopeShaped(text: string): boolean {
  return ["payloadType", statementPayloadType, "payload", "signatures", "sig"].filter((word) =>
    text.includes(`"${word}"`)
  )
    .length >= 3;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return new Uint8Array();
  }
}

function sha256Of(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
