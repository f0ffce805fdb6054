import type { EvidenceLog, Finding } from "../../verdict/verdict.ts";
import type { LogEntry } from "../../evidence/evidence_log.ts";
import { problemOf } from "./verify_evidence.ts";
import {
  evidenceHeadMissing,
  evidenceLinkBroken,
  evidenceMisplaced,
  evidenceMissing,
} from "../../evidence/findings.ts";

/**
 * Checks an evidence log: every record's signature, its place, its link to the one before, and that none is missing,
 * also not from the beginning. Whether the end was cut off can only be seen with a remembered head.
 *
 * @param records All of them, oldest first, examined with the keys that count.
 * @param head A record's hash, as an earlier verdict said it.
 */
export function verifyLog(
  store: string,
  records: readonly LogEntry[],
  head?: string,
): { log: EvidenceLog; findings: Finding[] } {
  const findings = records.flatMap((record, i) => findProblems(record, records[i - 1]));
  const newest = records.at(-1);
  const remembered = head === undefined ? undefined : records.find(({ sha256 }) => sha256 === head);
  if (head !== undefined && !remembered) {
    findings.push(evidenceHeadMissing({ head, newest: newest?.sha256 }));
  }
  const signers = Map.groupBy(records.filter(({ signer }) => signer !== undefined), ({ signer }) => signer!);
  return {
    findings,
    log: {
      store,
      record_count: records.length,
      is_whole: findings.length === 0,
      ...(newest && { head: { sequence: newest.sequence, sha256: newest.sha256 } }),
      ...(newest && remembered && { since_head: newest.sequence - remembered.sequence }),
      signers: [...signers].map(([key_id, { length }]) => ({ key_id, record_count: length })),
    },
  };
}

function findProblems(record: LogEntry, before: LogEntry | undefined): Finding[] {
  const { name, sequence, statement } = record;
  const findings: Finding[] = [];
  const expected = (before?.sequence ?? 0) + 1;
  if (sequence > expected) {
    findings.push(evidenceMissing({ first: expected, last: sequence - 1, isBeginning: !before, before: name }));
  }
  const problem = problemOf(name, record);
  if (problem) findings.push({ ...problem, severity: "error" });
  if (!statement || record.state === "altered" || record.state === "not_evidence") return findings;
  const { log } = statement.predicate;
  if (log.sequence !== sequence) {
    findings.push(evidenceMisplaced({ record: name, place: sequence, signedAs: log.sequence }));
  } else if (sequence === expected && log.previous_sha256 !== before?.sha256) {
    findings.push(evidenceLinkBroken({
      record: name,
      before: before?.name,
      expected: log.previous_sha256 ?? null,
      actual: before?.sha256 ?? null,
    }));
  }
  return findings;
}
