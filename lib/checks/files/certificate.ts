import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Finding } from "../../verdict/verdict.ts";

export interface CertificateOptions {
  /** For messages. */
  path: string;
  now: Date;
  /** How long it must still be valid, in milliseconds. */
  validForMs?: number;
  /** The file that holds its private key; for messages, and what it holds. */
  key?: { path: string; content: Uint8Array };
}

type Problem = Pick<Finding, "code" | "message" | "fix">;

/** Whether a file holds certificates in PEM. */
export function holdsCertificates(content: Uint8Array): boolean {
  return content.length < 16 * 1024 * 1024 && /-----BEGIN (TRUSTED )?CERTIFICATE-----/.test(text(content));
}

/**
 * Looks at the certificates in a file, PEM or DER: readable, valid now, and the first one's private key.
 *
 * Where a key or a time is asked for, it is a server's or an issuer's file, and all in it must be valid. Else it is a
 * bundle of trust anchors, in which some may have expired.
 *
 * @returns What is wrong. Nothing of the content is in it but dates.
 */
export function certificateProblems(content: Uint8Array, options: CertificateOptions): Problem[] {
  const { path, now, validForMs, key } = options;
  const certificates = parseCertificates(content);
  if (!certificates) {
    return [
      problem("CERTIFICATE_UNREADABLE", `${path} holds a certificate that cannot be read`, "Bring it back whole."),
    ];
  }
  const isBundle = validForMs === undefined && !key;
  const judged = certificates.map((certificate) => validityProblem(certificate, { path, now, validForMs }));
  const isInvalid = isBundle ? judged.every(Boolean) : judged.some(Boolean);
  const problems = isInvalid ? [judged.find(Boolean)!] : [];
  const keyFault = key && keyProblem(certificates[0], path, key);
  return keyFault ? [...problems, keyFault] : problems;
}

function parseCertificates(content: Uint8Array): X509Certificate[] | undefined {
  const pem = text(content);
  const begun = pem.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----/g) ?? [];
  const whole = pem.match(/-----BEGIN ((?:TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g) ?? [];
  if (begun.length !== whole.length) return undefined;
  try {
    return whole.length > 0 ? whole.map((one) => new X509Certificate(one)) : [new X509Certificate(content)];
  } catch {
    return undefined;
  }
}

function validityProblem(
  certificate: X509Certificate,
  { path, now, validForMs = 0 }: CertificateOptions,
): Problem | undefined {
  const [from, to] = [certificate.validFrom, certificate.validTo].map((at) => new Date(at));
  const renew = "Renew it, and see why that was not done in time.";
  if (now < from) {
    const fix = "See whether the clock is right, or another certificate was meant.";
    return problem("CERTIFICATE_NOT_YET_VALID", `the certificate ${path} is valid from ${day(from)} on`, fix);
  }
  if (now > to) return problem("CERTIFICATE_EXPIRED", `the certificate ${path} expired on ${day(to)}`, renew);
  if (now.getTime() + validForMs <= to.getTime()) return undefined;
  return problem("CERTIFICATE_EXPIRES_SOON", `the certificate ${path} expires on ${day(to)}`, renew);
}

function keyProblem(
  certificate: X509Certificate,
  path: string,
  key: NonNullable<CertificateOptions["key"]>,
): Problem | undefined {
  if (/ENCRYPTED/.test(text(key.content))) { // OpenSSL would ask the terminal for the passphrase
    const fix = "Leave certificate_key out, or keep the key without a passphrase.";
    return problem(
      "KEY_ENCRYPTED",
      `the private key ${key.path} is encrypted, and cannot be held against ${path}`,
      fix,
    );
  }
  const parsed = parseKey(key.content);
  if (!parsed) {
    return problem("KEY_UNREADABLE", `${key.path} holds no private key that can be read`, "Bring it back whole.");
  }
  if (certificate.checkPrivateKey(parsed)) return undefined;
  const message = `the private key ${key.path} does not belong to the certificate ${path}`;
  return problem("CERTIFICATE_KEY_MISMATCH", message, "Bring both back from the same moment.");
}

function parseKey(content: Uint8Array): KeyObject | undefined {
  const [pem] = text(content).match(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]*-----END \1-----/) ?? [];
  try {
    return createPrivateKey(pem ?? { key: content as never, format: "der", type: "pkcs8" });
  } catch {
    return undefined;
  }
}

function text(content: Uint8Array): string {
  return new TextDecoder("latin1").decode(content);
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function problem(code: string, message: string, fix: string): Problem {
  return { code, message, fix };
}
