import type { Verdict } from "../../verdict/verdict.ts";
import { counted, durationText, roundStepMs, valueText } from "../../system/quantities.ts";
import { type Html, html } from "./html.ts";

const rowHeight = 40;
const axisHeight = 26;

interface Lane {
  name: string;
  /** From the run's start. */
  startMs: number;
  durationMs: number;
}

/** The phases as bars over the run's time. Places are percentages, so that text keeps its size on a phone. */
export function timeline(verdict: Verdict): Html {
  const lanes = lanesOf(verdict);
  const totalMs = Math.max(verdict.duration_ms, 1, ...lanes.map(({ startMs, durationMs }) => startMs + durationMs));
  const percent = (ms: number) => `${(100 * ms / totalMs).toFixed(3)}%`;
  const height = axisHeight + lanes.length * rowHeight;
  const ticks = ticksUpTo(totalMs);
  const said = lanes.map(({ name, durationMs }) => `${name} ${durationText(durationMs)}`).join(", ");
  return html`
    <svg class="timeline" role="img" aria-label="${`Timeline of ${
      counted(lanes.length, "phase")
    }: ${said}.`}" height="${height}">
      ${ticks.map((ms) =>
        html`
          <line class="grid" x1="${percent(ms)}" x2="${percent(ms)}" y1="${axisHeight - 4}" y2="${height}" />
          <text class="tick" x="${percent(ms)}" y="14" text-anchor="${ms === 0 ? "start" : "middle"}">${tick(ms)}</text>
        `
      )}
      ${lanes.map(({ name, startMs, durationMs }, index) => {
        const top = axisHeight + index * rowHeight;
        return html`
          <text class="name" x="0" y="${top + 16}">${valueText(name, 30)}</text>
          <text class="time" x="100%" y="${top + 16}" text-anchor="end">${durationText(durationMs)}</text>
          <rect class="lane" x="0" y="${top + 22}" width="100%" height="10" rx="3" />
          <rect class="bar" x="${percent(Math.min(startMs, totalMs * 0.996))}" y="${top + 22}" width="${percent(
            Math.max(durationMs, totalMs * 0.004),
          )}" height="10" rx="3" />
        `;
      })}
    </svg>
  `;
}

/** Verdicts of older versions do not say when a phase started: there, one follows the other. */
function lanesOf({ phases, started_at }: Verdict): Lane[] {
  let end = 0;
  return phases.map(({ name, started_at: phaseStart, duration_ms }) => {
    const startMs = phaseStart ? Math.max(0, Date.parse(phaseStart) - Date.parse(started_at)) : end;
    end = startMs + duration_ms;
    return { name, startMs, durationMs: duration_ms };
  });
}

function tick(ms: number): string {
  return ms === 0 ? "0" : durationText(ms);
}

/** Round moments, none so near the end that its label would leave the picture. */
function ticksUpTo(totalMs: number): number[] {
  const step = roundStepMs(totalMs, 5);
  const ticks = [];
  for (let ms = 0; ms <= totalMs * 0.92; ms += step) ticks.push(ms);
  return ticks;
}
