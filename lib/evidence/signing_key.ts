import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { registerSecret } from "../system/redact.ts";
import { openRegular, readRegularText } from "../system/regular_file.ts";
import { badSigningKey, badVerificationKey, signingKeyExposed, signingKeyUnreadable } from "./findings.ts";

// Ed25519 in the PEM forms that openssl and cosign read: PKCS #8 for the private key, SubjectPublicKeyInfo for the other.

/** A key that signs evidence. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly verificationKey: VerificationKey;
}

/** A key that says whether a signature is its holder's. */
export interface VerificationKey {
  readonly publicKey: KeyObject;
  /** SHA-256 of its SubjectPublicKeyInfo, as 64 lower-case hex digits. */
  readonly id: string;
  /** That SubjectPublicKeyInfo itself. */
  readonly spki: Uint8Array;
}

/** A new key pair as PEM. */
export function makeSigningKey(): { privatePem: string; publicPem: string; id: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const privatePem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  registerPem(privatePem);
  return {
    privatePem: `${privatePem.trim()}\n`,
    publicPem: `${publicKey.export({ type: "spki", format: "pem" }).toString().trim()}\n`,
    id: describe(publicKey).id,
  };
}

/**
 * Reads a private key, as `keygen --signing` or `openssl genpkey -algorithm ed25519` writes it.
 *
 * @throws {OperatorError} `SIGNING_KEY_EXPOSED` unless its mode is 0600 or stricter; `SIGNING_KEY_UNREADABLE`,
 *   `BAD_SIGNING_KEY`.
 */
export async function readSigningKey(path: string): Promise<SigningKey> {
  let text: string;
  try {
    await using file = await openRegular(path);
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) throw signingKeyExposed.error({ path });
    text = await file.readFile("utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw signingKeyUnreadable.error({ path, reason: reasonOf(error) }, { cause: error });
  }
  registerPem(text);
  try {
    const privateKey = createPrivateKey(text);
    if (privateKey.asymmetricKeyType !== "ed25519") {
      throw new Error(`it is of the kind ${privateKey.asymmetricKeyType}`);
    }
    return { privateKey, verificationKey: describe(createPublicKey(text)) };
  } catch (error) {
    throw badSigningKey.error({ path }, { cause: error });
  }
}

/**
 * Reads a public key in PEM.
 *
 * @throws {OperatorError} `BAD_VERIFICATION_KEY`, also for a private key: it does not belong where evidence is verified.
 */
export async function readVerificationKey(path: string): Promise<VerificationKey> {
  try {
    const text = await readRegularText(path);
    if (/PRIVATE KEY-----/.test(text)) {
      registerPem(text);
      throw new Error("it is a private key");
    }
    const publicKey = createPublicKey(text);
    if (publicKey.asymmetricKeyType !== "ed25519") throw new Error(`it is of the kind ${publicKey.asymmetricKeyType}`);
    return describe(publicKey);
  } catch (error) {
    throw badVerificationKey.error({ path, reason: (error as Error).message }, { cause: error });
  }
}

/** The key in a SubjectPublicKeyInfo; `undefined` if that is none, or of another kind. */
export function verificationKeyOf(spki: Uint8Array): VerificationKey | undefined {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    return publicKey.asymmetricKeyType === "ed25519" ? describe(publicKey) : undefined;
  } catch {
    return undefined;
  }
}

function describe(publicKey: KeyObject): VerificationKey {
  const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  return { publicKey, spki, id: createHash("sha256").update(spki).digest("hex") };
}

/** The lines between the marks are the secret. */
function registerPem(pem: string): void {
  for (const line of pem.split("\n").map((line) => line.trim())) {
    if (/^[A-Za-z0-9+/=]{16,}$/.test(line)) registerSecret(line);
  }
}
