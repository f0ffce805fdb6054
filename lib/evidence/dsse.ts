import { sign, verify } from "node:crypto";
import type { SigningKey, VerificationKey } from "./signing_key.ts";

// DSSE, the envelope of in-toto and Sigstore: https://github.com/secure-systems-lab/dsse, version 1.0.2.

/** What is signed, and by whom. */
interface Envelope {
  payloadType: string;
  payload: Uint8Array;
  signatures: { keyid: string; signature: Uint8Array }[];
}

/** The bytes that a signature covers: type and content, each with its length, so that neither can be moved into the other. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = new TextEncoder().encode(payloadType);
  const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const encoded = new Uint8Array(head.length + payload.length);
  encoded.set(head);
  encoded.set(payload, head.length);
  return encoded;
}

/**
 * Signs a payload.
 *
 * The key id stays empty, as cosign leaves it: it is optional and not signed, and every family of verifiers passes over a
 * signature whose id it did not make. The payload says who signed.
 */
export function signEnvelope(payloadType: string, payload: Uint8Array, { privateKey }: SigningKey): Envelope {
  const signature = sign(null, preAuthenticationEncoding(payloadType, payload), privateKey);
  return { payloadType, payload, signatures: [{ keyid: "", signature: new Uint8Array(signature) }] };
}

/** Whether one of an envelope's signatures is that of the key's holder. */
export function isSignedBy({ payloadType, payload, signatures }: Envelope, { publicKey }: VerificationKey): boolean {
  const covered = preAuthenticationEncoding(payloadType, payload);
  return signatures.some(({ signature }) => signature.length === 64 && verify(null, covered, publicKey, signature));
}

/** An envelope as it is stored: one line of JSON. */
export function envelopeText({ payloadType, payload, signatures }: Envelope): string {
  return JSON.stringify({
    payloadType,
    payload: payload.toBase64(),
    signatures: signatures.map(({ keyid, signature }) => ({ keyid, sig: signature.toBase64() })),
  }) + "\n";
}

/** Reads an envelope; `undefined` if the text is none. Both base64 alphabets are allowed. */
export function parseEnvelope(text: string): Envelope | undefined {
  try {
    const { payloadType, payload, signatures } = JSON.parse(text);
    if (typeof payloadType !== "string" || !Array.isArray(signatures)) return undefined;
    return {
      payloadType,
      payload: decode(payload),
      signatures: signatures.map(({ keyid, sig }) => ({ keyid: String(keyid ?? ""), signature: decode(sig) })),
    };
  } catch {
    return undefined;
  }
}

function decode(base64: string): Uint8Array {
  return Uint8Array.fromBase64(base64, { alphabet: /[-_]/.test(base64) ? "base64url" : "base64" });
}
