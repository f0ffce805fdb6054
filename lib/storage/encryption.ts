import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { registerSecret } from "../system/redact.ts";
import { openRegular } from "../system/regular_file.ts";
import {
  badIdentity,
  badRecipient,
  decryptionFailed,
  identityDoesNotFit,
  identityExposed,
  identityUnreadable,
} from "./findings/encryption.ts";

// age (age-encryption.org/v1): the format of the age and rage programs, so that a backup never needs pgrehearse to be
// read. Loaded only where something is encrypted or decrypted.

/** A key pair. */
interface KeyPair {
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
      if (!/^AGE-SECRET-KEY/i.test(recipient)) throw badRecipient.unknown.error({ recipient }, { cause: error });
      registerSecret(recipient);
      throw badRecipient.identity.error(undefined, { cause: error });
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
  // A failure of the source is not damage: it is thrown on unchanged.
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
  return /no identity matched/i.test(error.message)
    ? identityDoesNotFit.error({ name }, { cause: error })
    : decryptionFailed.error({ name, reason: error.message }, { cause: error });
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
    if ((mode & 0o077) !== 0) throw identityExposed.error({ path });
    text = await file.readFile("utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw identityUnreadable.error({ path, reason: reasonOf(error) }, { cause: error });
  }
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  lines.forEach(registerSecret);
  const { identityToRecipient } = await import("age-encryption");
  const isGood = await Promise.all(lines.map((line) => identityToRecipient(line).then(() => true, () => false)));
  if (lines.length > 0 && !isGood.includes(false)) return lines;
  throw badIdentity.error({ path });
}
