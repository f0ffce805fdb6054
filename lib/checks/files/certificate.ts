import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Finding } from "../../verdict/verdict.ts";
import {
  certificateExpired,
  certificateExpiresSoon,
  certificateKeyMismatch,
  certificateNotYetValid,
  certificateUnreadable,
  keyEncrypted,
  keyUnreadable,
} from "./findings.ts";

interface CertificateOptions {
  /** The check's name, and the file's; for messages. */
  check: string;
  path: string;
  now: Date;
  /** How long it must still be valid, in milliseconds. */
  validForMs?: number;
  /** The file that holds its private key; for messages, and what it holds. */
  key?: { path: string; content: Uint8Array };
}

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
export function certificateProblems(content: Uint8Array, options: CertificateOptions): Finding[] {
  const { check, path, now, validForMs, key } = options;
  const certificates = parseCertificates(content);
  if (!certificates) return [certificateUnreadable({ check, path })];
  const isBundle = validForMs === undefined && !key;
  const judged = certificates.map((certificate) => validityProblem(certificate, { check, path, now, validForMs }));
  const isInvalid = isBundle ? judged.every(Boolean) : judged.some(Boolean);
  const problems = isInvalid ? [judged.find(Boolean)!] : [];
  const keyFault = key && keyProblem(certificates[0], { check, path, key });
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
  { check, path, now, validForMs = 0 }: CertificateOptions,
): Finding | undefined {
  const [from, to] = [certificate.validFrom, certificate.validTo].map((at) => new Date(at));
  if (now < from) return certificateNotYetValid({ check, path, from: day(from) });
  if (now > to) return certificateExpired({ check, path, to: day(to) });
  if (now.getTime() + validForMs <= to.getTime()) return undefined;
  return certificateExpiresSoon({ check, path, to: day(to) });
}

function keyProblem(
  certificate: X509Certificate,
  { check, path, key }: Required<Pick<CertificateOptions, "check" | "path" | "key">>,
): Finding | undefined {
  const facts = { check, path, key: key.path };
  if (/ENCRYPTED/.test(text(key.content))) return keyEncrypted(facts); // OpenSSL would ask the terminal for the passphrase
  const parsed = parseKey(key.content);
  if (!parsed) return keyUnreadable(facts);
  return certificate.checkPrivateKey(parsed) ? undefined : certificateKeyMismatch(facts);
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
