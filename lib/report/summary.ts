import type { Verdict } from "../verdict/verdict.ts";
import { backupsTable, retentionLines } from "./backups_table.ts";
import { controlsTable } from "./controls_table.ts";
import { evidenceLines, historyTable, trendLines } from "./history_table.ts";
import { mutationsTable } from "./mutations_table.ts";
import { outcomeOf } from "./outcome.ts";
import { checksLines } from "./summary/checks_lines.ts";
import { facts, failures } from "./summary/facts.ts";
import { findingsLines } from "./summary/findings_lines.ts";
import { acting } from "./summary/acting.ts";
import { paint, type Screen } from "./summary/screen.ts";
import { printable } from "./printable.ts";
import { wrap } from "./wrap.ts";

const proofs = {
  exact: "what came back is exactly what was there",
  checked: "the checks passed",
  restored: "it restored; nothing else was asked",
} as const;

const mostNotes = { screen: 3, log: 10 };
/** Of one note, on a screen: it may be all that pg_restore said. */
const mostNoteLines = 4;

/** However small the screen is, so much is said of what is wrong. */
const fewestFindingLines = 8;

/**
 * A verdict as one screen of text: the verdict first, then phases, checks, what is wrong and what to do, worst first.
 *
 * Long lists, of mutations and backups, stand above it.
 */
export function summarize(given: Verdict, screen: Screen = {}): string {
  const verdict = printable(given);
  const { command, proof, findings } = verdict;
  const [headline, color] = outcomeOf(verdict);
  const head = [
    `${command}: ${paint(headline, color, screen)}${proof ? ` (${proof}: ${proofs[proof]})` : ""}`,
    ...acting(verdict, screen),
    ...facts(verdict, screen),
    ...checksLines(verdict, screen),
    ...failures(verdict, screen),
  ];
  const notes = notesLines(verdict, screen);
  const room = (screen.rows ?? Infinity) - head.length - notes.length - 1; // the prompt
  return [
    ...mutationsTable(verdict.mutations ?? []),
    ...backupsTable(verdict.backups ?? []),
    ...retentionLines(verdict.retention),
    ...historyTable(verdict.history ?? []),
    ...trendLines(verdict.trends ?? []),
    ...controlsTable(verdict.control_evidence ?? []),
    ...head,
    ...evidenceLines(verdict.evidence, verdict.evidence_log),
    ...findingsLines(findings, Math.max(fewestFindingLines, room), screen),
    ...notes,
  ].join("\n");
}

function notesLines({ notes = [] }: Verdict, { columns: width, rows }: Screen): string[] {
  const most = rows === undefined ? mostNotes.log : mostNotes.screen;
  const lines = notes.slice(0, most).flatMap(({ code, message }) => {
    const all = wrap(`${code}: ${message}`, { width, first: "  · ", rest: "    " });
    if (rows === undefined || all.length <= mostNoteLines) return all;
    return [...all.slice(0, mostNoteLines), "    …"];
  });
  return notes.length > most ? [...lines, `  · and ${notes.length - most} notes more`] : lines;
}
