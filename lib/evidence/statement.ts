import { createHash } from "node:crypto";
import type { VerificationKey } from "./signing_key.ts";
import type { Backup, Verdict } from "../verdict/verdict.ts";

export const statementType = "https://in-toto.io/Statement/v1";
export const statementPayloadType = "application/vnd.in-toto+json";

/** What cosign takes as `--type`. */
const predicateType = "urn:pgrehearse:verdict:v1";

/** An in-toto statement: this verdict was given about these files. */
export interface Statement {
  _type: typeof statementType;
  /** The backup's manifest, which names the dump's files with their hashes, and the dump where it is one file. */
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: typeof predicateType;
  predicate: { verdict: Verdict; log: LogEntry };
}

/** A record's place in the evidence log. */
interface LogEntry {
  /** From 1, without a gap. */
  sequence: number;
  /** Random: two runs never write the same bytes, so whoever reads its own back knows that it wrote them. */
  id: string;
  /** SHA-256 of the file that holds the record before; the first has none. */
  previous_sha256?: string;
  /** Of the key that signs. */
  key_id: string;
  /** That key itself, as base64 of its SubjectPublicKeyInfo: tells what another signed from what was altered. */
  public_key: string;
}

/** States a verdict, at a place in the log. */
export function makeStatement(
  verdict: Verdict,
  { sequence, previous, key }: { sequence: number; previous?: string; key: VerificationKey },
): Statement {
  return {
    _type: statementType,
    subject: subjectsOf(verdict),
    predicateType,
    predicate: {
      verdict,
      log: {
        sequence,
        id: crypto.randomUUID(),
        ...(previous !== undefined && { previous_sha256: previous }),
        key_id: key.id,
        public_key: key.spki.toBase64(),
      },
    },
  };
}

/** A statement must have a subject: where no backup is concerned, it is the verdict's own JSON. */
function subjectsOf(verdict: Verdict): Statement["subject"] {
  const backups = [
    ...(verdict.backup ? [verdict.backup] : []),
    ...(verdict.restored ?? []).map(({ backup }) => backup),
  ];
  const subjects = new Map(backups.flatMap(filesOf).map((subject) => [subject.name, subject]));
  if (subjects.size > 0) return [...subjects.values()];
  const sha256 = createHash("sha256").update(JSON.stringify(verdict)).digest("hex");
  return [{ name: "verdict", digest: { sha256 } }];
}

function filesOf({ name, sha256, manifest_sha256 }: Backup): Statement["subject"] {
  return [
    ...(manifest_sha256 ? [{ name: `${name}.manifest.json`, digest: { sha256: manifest_sha256 } }] : []),
    ...(sha256 ? [{ name: `${name}.dump`, digest: { sha256 } }] : []),
  ];
}

/** Reads a statement of ours; `undefined` if the payload is none. */
export function parseStatement(payload: Uint8Array): Statement | undefined {
  try {
    const statement: Statement = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    const { verdict, log } = statement.predicate;
    const isOurs = statement._type === statementType && statement.predicateType === predicateType &&
      Array.isArray(statement.subject) && verdict.schema === "pgrehearse.verdict/v1" &&
      Number.isSafeInteger(log.sequence) && typeof log.public_key === "string";
    return isOurs ? statement : undefined;
  } catch {
    return undefined;
  }
}
