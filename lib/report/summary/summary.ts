import { counted, durationText, momentText, sizeText } from "../../system/quantities.ts";
import type { CheckOutcome, RecoveryWindow, Verdict } from "../../verdict/verdict.ts";
import { controlsTable } from "../controls_table.ts";
import { printable } from "../printable.ts";
import { backupAgeMs, databasesOf } from "../reported_run.ts";
import { comparedText, targets } from "../sentence.ts";
import { backupsTable, evidenceLines, historyTable, mutationsTable, retentionLines, trendLines } from "../tables.ts";
import { wrap } from "../wrap.ts";
import { facts, failures } from "./facts.ts";
import { findingsLines } from "./findings_lines.ts";
import { type Color, paint, paintMark, type Screen } from "./screen.ts";

const proofs = {
  exact: "the restored copy is exactly what was there",
  checked: "the checks passed",
  recovered: "the target was reached, and what was looked at is whole",
  restored: "it restored; nothing else was checked",
} as const;

const mostNotes = { screen: 3, log: 10 };
/** Of one note, on a screen: it may be all that pg_restore said. */
const mostNoteLines = 4;

/** However small the screen is, so much is said of what is wrong. */
const fewestFindingLines = 8;

/**
 * A verdict as one screen of text: the verdict first, then phases, checks, what is wrong and what to do, worst first.
 *
 * Long lists, of mutations and backups, come above it.
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
    ...windowLines(verdict),
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
  return notes.length > most ? [...lines, `  · and ${notes.length - most} more notes`] : lines;
}

/** What was acted on: database, backup with its age and size, target, and what was compared. */
function acting(verdict: Verdict, { columns: width }: Screen): string[] {
  const { command, backup, compared, postgres } = verdict;
  if (!backup || !["backup", "drill", "restore"].includes(command)) return [];
  const age = command === "backup" ? undefined : backupAgeMs(verdict);
  const names = databasesOf(verdict).join(", ");
  const target = command === "backup" ? undefined : postgres.target;
  const parts = [
    `${names ? `${names}: ` : ""}backup ${backup.name}`,
    [sizeText(backup.size_bytes), ...(age === undefined ? [] : [`${durationText(age)} old`])].join(", "),
    ...(target ? [`into ${targets[target]}`] : []),
  ].join(", ");
  const sentence = compared ? `${parts}; compared ${comparedText(compared)}` : parts;
  return wrap(sentence, { width, first: "  ", rest: "    " });
}

const marks: Record<CheckOutcome["state"], [mark: string, color: Color]> = {
  fail: ["✗", "red"],
  not_run: ["?", "yellow"],
  review: ["?", "yellow"],
  warn: ["!", "yellow"],
  pass: ["✓", "green"],
};

/** So many that passed are named; the others are counted. */
const mostPassed = 5;

/** The configured checks, those that did not pass first. */
function checksLines({ checks = [] }: Verdict, screen: Screen): string[] {
  const order = Object.keys(marks);
  const ordered = checks.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const passed = ordered.filter(({ state }) => state === "pass");
  const shown = passed.length <= mostPassed ? ordered : ordered.filter(({ state }) => state !== "pass");
  const width = Math.min(40, Math.max(...shown.map(({ name }) => name.length)));
  const lines = shown.map(({ name, kind, state, duration_ms }) => {
    const [mark, color] = marks[state];
    const said = state === "pass" ? "" : `, ${state.replace("_", " ")}`;
    return paintMark(`  ${mark} ${name.padEnd(width)}  ${kind}${said}, ${durationText(duration_ms)}`, color, screen);
  });
  if (shown.length === ordered.length) return lines;
  return [...lines, paintMark(`  ✓ ${counted(passed.length, "check")} passed`, "green", screen)];
}

/** Phases of `restore` that change something. */
const touching = new Set(["database", "restore", "rename", "swap"]);

/**
 * How a run ended, in one or a few words, and the color that says the same.
 *
 * A drill that did not look has verified nothing; a backup or a restore that did not happen has failed, or was refused.
 */
function outcomeOf({ command, verdict, backup, phases }: Verdict): [text: string, color: Color] {
  if (verdict === "pass") return ["PASS", "green"];
  if (verdict === "fail") return ["FAIL", "red"];
  if (command === "backup" && backup === undefined) return ["FAILED, no backup was made", "red"];
  if (command === "restore") {
    if (!phases.some(({ name }) => touching.has(name))) return ["REFUSED, nothing was touched", "yellow"];
    return ["FAILED, not known to be complete", "red"];
  }
  return doers.has(command) ? ["FAILED", "red"] : ["UNKNOWN: could not verify", "yellow"];
}

/** Commands that do something, rather than look at something. */
const doers: ReadonlySet<string> = new Set(["prune", "init", "keygen", "workload", "report"]);

type Window = RecoveryWindow["windows"][number];

/** From when to when can be recovered, a line a window, and how far the newest moment is behind. */
function windowLines({ recovery_window: window, recovery = {} }: Verdict): string[] {
  if (!window) return [];
  const { segments, size_bytes, backups, windows, timeline } = window;
  const usable = backups.filter(({ usable }) => usable).length;
  const lag = recovery.rpo_ms;
  const holds = `${counted(usable, "usable backup")} and ${counted(segments, "WAL segment")} (${sizeText(size_bytes)})`;
  return [
    `${window.source}: ${holds}, timeline ${timeline}`,
    ...windows.map((each) =>
      `  recoverable ${spanOf(each)}${each.timeline === timeline ? "" : `, timeline ${each.timeline}`}`
    ),
    ...(lag === undefined ? [] : [`  the newest moment is ${durationText(lag)} ago`]),
  ];
}

function spanOf({ from, to, backup, ends_at }: Window): string {
  const when = ({ at, lsn }: Window["from"]) => at === undefined ? lsn : `${momentText(at)} (${lsn})`;
  return `from ${when(from)} to ${when(to)}, by ${backup}${ends_at === "gap" ? "; then WAL is missing" : ""}`;
}
