import type { Verdict } from "../../verdict/verdict.ts";
import { counted, durationText, momentText, sizeText } from "../../system/quantities.ts";
import { type Content, type Html, html } from "./html.ts";

/** A page must open on a phone. */
const mostRows = 500;

interface Column {
  title: string;
  isNumber?: boolean;
}

/** Backups as `list` and `status` found them, newest first. */
export function backups({ backups = [], backup_count }: Verdict): Html | undefined {
  const columns = [{ title: "Backup" }, { title: "Taken" }, { title: "Age", isNumber: true }, {
    title: "Size",
    isNumber: true,
  }, { title: "Last drill" }];
  const rows = backups.map(({ name, taken_at, age_ms, size_bytes, state, purpose, drill }) => [
    name,
    momentText(taken_at),
    durationText(age_ms),
    sizeText(size_bytes),
    state !== "finished"
      ? badge("warn", state.replace("_", " "))
      : purpose === "safety"
      ? badge("plain", "Safety backup")
      : drill
      ? html`${badge(drill.verdict, words[drill.verdict])} ${momentText(drill.at)}`
      : badge("plain", "Never drilled"),
  ]);
  const more = backup_count === undefined || backup_count <= backups.length ? "" : ` of ${backup_count}`;
  return listing("backups", "Backups", `${counted(backups.length, "backup")}${more}, newest first.`, columns, rows);
}

/** What `doctor` looked at. */
export function prerequisitesListing({ prerequisites = [] }: Verdict): Html | undefined {
  const columns = [{ title: "Prerequisite" }, { title: "What was found" }, { title: "Result" }];
  const rows = prerequisites.map(({ name, message, fix, state }) => [
    name,
    fix === undefined ? message : html`${message} <span class="muted">${fix}</span>`,
    badge(state, words[state]),
  ]);
  return listing("prerequisites", "Prerequisites", "What backups and drills need on this host.", columns, rows);
}

/** What `selftest` broke, and what named it; those that were missed first. */
export function mutationsListing({ mutations = [] }: Verdict): Html | undefined {
  const columns = [{ title: "Change" }, { title: "Object" }, { title: "Found by" }, { title: "Result" }];
  const rows = mutations.toSorted((a, b) => Number(a.ok) - Number(b.ok)).map(({ name, object, caught_by, ok }) => [
    name,
    html`<code>${object}</code>`,
    caught_by === null ? "nothing" : html`<code>${caught_by}</code>`,
    ok ? badge("pass", "Caught") : badge("fail", "Missed or wrong"),
  ]);
  const caught = mutations.filter(({ ok }) => ok).length;
  const caption = `${caught} of ${counted(mutations.length, "mutation")} caught, without false alarm.`;
  return listing("mutations", "Mutations", caption, columns, rows);
}

const words = { pass: "Pass", fail: "Fail", unknown: "Unknown", warn: "Warning" } as const;

function badge(kind: string, word: string): Html {
  return html`<span class="badge ${kind}">${word}</span>`;
}

function listing(id: string, title: string, caption: string, columns: Column[], rows: Content[][]): Html | undefined {
  if (rows.length === 0) return undefined;
  const classOf = ({ isNumber }: Column) => isNumber ? "number" : "";
  const cell = (content: Content, index: number) =>
    index === 0
      ? html`<th scope="row"><bdi>${content}</bdi></th>`
      : html`<td class="${classOf(columns[index])}" data-label="${columns[index].title}">${content}</td>`;
  return html`
    <section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
    <table class="stacked"><caption>${caption}</caption>
    <thead><tr>${columns.map((column) =>
      html`<th scope="col" class="${classOf(column)}">${column.title}</th>`
    )}</tr></thead>
    <tbody>${rows.slice(0, mostRows).map((cells) => html`<tr>${cells.map(cell)}</tr>`)}</tbody></table>
    ${rows.length > mostRows &&
      html`<p class="muted small">And ${rows.length - mostRows} more in the verdict.</p>`}</section>
  `;
}
