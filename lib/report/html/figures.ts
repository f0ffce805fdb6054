import type { Verdict } from "../../verdict/verdict.ts";
import { countText, durationText, sizeText } from "../../system/quantities.ts";
import { backupAgeMs, backupSizeBytes } from "../reported_run.ts";
import { type Html, html } from "./html.ts";

/** The few numbers a reader looks for: recovery time and point against their limits, age, size, rows. */
export function figures(verdict: Verdict): Html {
  const { recovery = {}, compared } = verdict;
  const size = backupSizeBytes(verdict);
  const cards = [
    limited("Recovery time (RTO)", recovery.rto_ms, recovery.rto_limit_ms, "from the start to the last required check"),
    limited(
      "Recovery point (RPO)",
      recovery.rpo_ms,
      recovery.rpo_limit_ms,
      "data that would be lost: since the backup's snapshot",
    ),
    limited("Age of the backup", backupAgeMs(verdict), recovery.backup_age_limit_ms, "when the run started"),
    size !== undefined &&
    card("Size of the backup", sizeText(size), html`<div class="small muted">as stored</div>`),
    compared &&
    card(
      "Rows compared",
      countText(compared.rows),
      html`<div class="small muted">in ${countText(compared.tables)} ${
        compared.tables === 1 ? "table" : "tables"
      }</div>`,
    ),
    card("Whole run", durationText(verdict.duration_ms), html`<div class="small muted">including cleanup</div>`),
  ];
  return html`<dl class="figures">${cards}</dl>`;
}

function card(name: string, value: string, below: Html, isOver = false): Html {
  return html`
    <div>
      <dt>${name}</dt>
      <dd><div class="${isOver ? "value over" : "value"}">${value}</div>${below}</dd>
    </div>
  `;
}

/** A measured time beside its limit, where there is one. One that has a limit and was not measured is shown, too. */
function limited(name: string, ms: number | undefined, limitMs: number | undefined, meaning: string): Html | undefined {
  if (ms === undefined && limitMs === undefined) return undefined;
  if (ms === undefined) {
    return card(name, "not measured", html`<div class="small muted">limit ${unbroken(limitMs!)}</div>`);
  }
  if (limitMs === undefined) {
    return card(name, durationText(ms), html`<div class="small muted">${meaning}; no limit</div>`);
  }
  const isOver = ms > limitMs;
  const share = Math.min(100, limitMs === 0 ? 100 : 100 * ms / limitMs);
  return card(
    name,
    durationText(ms),
    html`
      <svg aria-hidden="true">
        <rect class="track" width="100%" height="6" />
        <rect class="${isOver ? "over-limit" : "within"}" width="${Math.max(share, 1).toFixed(1)}%" height="6" />
      </svg>
      <div class="small muted">${isOver ? "over" : "within"} the limit of ${unbroken(limitMs)}</div>
    `,
    isOver,
  );
}

function unbroken(ms: number): Html {
  return html`<span class="unbroken">${durationText(ms)}</span>`;
}
