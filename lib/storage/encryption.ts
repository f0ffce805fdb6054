import { OperatorError } from "../system/operator_error.ts";
import { reasonOf } from "../system/reason.ts";
import { registerSecret } from "../system/redact.ts";
import { openRegular } from "../system/regular_file.ts";

// age (age-encryption.org/v1): the format of the age and rage programs, so that a backup never needs pgrehearse to be
// read. Loaded only where something is encrypted or decrypted.

/** A key pair. */
export interface KeyPair {
  /** Secret: `AGE-SECRET-KEY-1…`. */
  identity: string;
  /** May be told to everybody: `age1…`. */
  recipient: string;
}

export async function makeKeyPair(): Promise<KeyPair> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  registerSecret(identity);
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * Encrypts a stream so that each of the recipients alone can read it.
 *
 * @param recipients `age1…`, at least one.
 * @throws {OperatorError} `BAD_RECIPIENT`
 */
export async function encrypt(
  plain: AsyncIterable<Uint8Array>,
  recipients: readonly string[],
): Promise<ReadableStream<Uint8Array>> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (error) {
      const isSecret = /^AGE-SECRET-KEY/i.test(recipient);
      if (isSecret) registerSecret(recipient);
      throw new OperatorError(
        "BAD_RECIPIENT",
        isSecret ? "An identity was given where a recipient belongs." : `${recipient} is not a recipient.`,
        { fix: "Give the age1… that pgrehearse keygen printed.", cause: error },
      );
    }
  }
  return await encrypter.encrypt(ReadableStream.from(plain) as ReadableStream<Uint8Array>);
}

/**
 * Decrypts a stream. What was altered or cut short is an error before its bytes are passed on.
 *
 * @param name Of the file, for messages.
 * @param identities As {@linkcode readIdentities} gives them.
 * @throws {OperatorError} `IDENTITY_DOES_NOT_FIT`; `DECRYPTION_FAILED`, also from the stream.
 */
export async function decrypt(
  encrypted: AsyncIterable<Uint8Array>,
  { name, identities }: { name: string; identities: readonly string[] },
): Promise<AsyncIterable<Uint8Array>> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  // The source's own failure is no damage: it is thrown on as it is.
  let sourceError: unknown;
  const source = ReadableStream.from((async function* () {
    try {
      yield* encrypted;
    } catch (error) {
      sourceError = error;
      throw error;
    }
  })()) as ReadableStream<Uint8Array>;
  const explain = (error: unknown) => sourceError ?? cannotDecrypt(name, error as Error);
  let plain: ReadableStream<Uint8Array>;
  try {
    plain = await decrypter.decrypt(source);
  } catch (error) {
    throw explain(error);
  }
  return (async function* () {
    try {
      yield* plain;
    } catch (error) {
      throw explain(error);
    }
  })();
}

function cannotDecrypt(name: string, error: Error): OperatorError {
  if (/no identity matched/i.test(error.message)) {
    return new OperatorError("IDENTITY_DOES_NOT_FIT", `${name} was not encrypted for this identity.`, {
      fix: "Use the identity of one of the recipients that the manifest names.",
      cause: error,
    });
  }
  return new OperatorError("DECRYPTION_FAILED", `Cannot decrypt ${name}: ${error.message}.`, {
    fix: "It was altered or cut short: fetch it again, or use another backup.",
    consequence: "fail",
    cause: error,
  });
}

/**
 * Reads an identity file, as pgrehearse keygen or age-keygen writes it.
 *
 * @throws {OperatorError} `IDENTITY_EXPOSED` unless its mode is 0600 or stricter; `IDENTITY_UNREADABLE`, `BAD_IDENTITY`.
 */
export async function readIdentities(path: string): Promise<string[]> {
  let text: string;
  try {
    await using file = await openRegular(path);
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new OperatorError("IDENTITY_EXPOSED", `Others may read or change the identity file ${path}.`, {
        fix: `Take that away: chmod 600 ${path}. If somebody may have read it, make a new one.`,
      });
    }
    text = await file.readFile("utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      "IDENTITY_UNREADABLE",
      `Cannot read the identity file ${path}: ${reasonOf(error)}.`,
      { fix: "Check the path and its permissions.", cause: error },
    );
  }
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  lines.forEach(registerSecret);
  const { identityToRecipient } = await import("age-encryption");
  const isGood = await Promise.all(lines.map((line) => identityToRecipient(line).then(() => true, () => false)));
  if (lines.length > 0 && !isGood.includes(false)) return lines;
  throw new OperatorError("BAD_IDENTITY", `${path} holds something else than age identities.`, {
    fix: "Use the file that pgrehearse keygen or age-keygen wrote, not protected by a passphrase.",
  });
}
