import type { Verdict } from "../../verdict/verdict.ts";
import { counted, durationText, momentText, roundStepMs, sizeText } from "../../system/quantities.ts";
import { backupAgeMs, backupSizeBytes, databasesOf } from "../reported_run.ts";
import { type Chart, drawChart, type Series } from "./chart.ts";
import { type Html, html } from "./html.ts";

interface Measure {
  title: string;
  valueOf(verdict: Verdict): number | undefined;
  limitOf?(verdict: Verdict): number | undefined;
  text(value: number): string;
  /** Distance of the marks on its axis. */
  step?(most: number): number;
}

const timeStep = (most: number) => roundStepMs(most, 4);

const measures: Measure[] = [
  {
    title: "Recovery time (RTO)",
    valueOf: ({ recovery }) => recovery?.rto_ms,
    limitOf: ({ recovery }) => recovery?.rto_limit_ms,
    text: durationText,
    step: timeStep,
  },
  { title: "Size of the backup", valueOf: backupSizeBytes, text: sizeText },
  {
    title: "Age of the backup",
    valueOf: backupAgeMs,
    limitOf: ({ recovery }) => recovery?.backup_age_limit_ms,
    text: durationText,
    step: timeStep,
  },
];

/** How recovery time, size and age went over several runs, as charts and as a table. */
export async function trends(newestFirst: readonly Verdict[]): Promise<Html | undefined> {
  if (newestFirst.length < 2) return undefined;
  const charts: Html[] = [];
  for (const measure of measures) charts.push(await figure(measure, newestFirst));
  return html`
    <section aria-labelledby="trends">
      <h2 id="trends">Trends over ${counted(newestFirst.length, "run")}</h2>
      <div class="trends">${charts}</div>
    </section>
    ${runs(newestFirst)}
  `;
}

async function figure(
  { title, valueOf, limitOf, text, step }: Measure,
  newestFirst: readonly Verdict[],
): Promise<Html> {
  const series: Series[] = [];
  for (const [name, group] of Map.groupBy(newestFirst, subject)) {
    const points = group.toReversed().flatMap((verdict) => {
      const value = valueOf(verdict);
      return value === undefined ? [] : [{ at: verdict.started_at, value }];
    });
    if (points.length > 0) series.push({ name, points });
  }
  if (series.length === 0) {
    return html`
      <figure>
        <h3>${title}</h3>
        <p class="muted small">Not measured in any run.</p>
      </figure>
    `;
  }
  const limit = newestFirst.map((verdict) => limitOf?.(verdict)).find((value) => value !== undefined);
  const values = series.flatMap(({ points }) => points.map(({ value }) => value));
  const said =
    (values.length === 1 ? text(values[0]) : `${text(Math.min(...values))} to ${text(Math.max(...values))}`) +
    (limit === undefined ? "" : `, limit ${text(limit)}`);
  const chart: Chart = { series, limit, step, text, label: `${title}, ${said}.` };
  return html`<figure><h3>${title}</h3><p class="muted small">${said}</p>${await drawChart(chart)}</figure>`;
}

const badges = { pass: "Pass", fail: "Fail", unknown: "Unknown" } as const;

/** The same for those who cannot see the charts, and for whoever wants the numbers. */
function runs(newestFirst: readonly Verdict[]): Html {
  return html`
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <table class="stacked">
        <caption>The newest first; this page shows the first of them.</caption>
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">Of</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number">RTO</th>
            <th scope="col" class="number">Size</th>
            <th scope="col" class="number">Age</th>
          </tr>
        </thead>
        <tbody>${newestFirst.map((verdict) =>
          html`
            <tr><th scope="row">${momentText(verdict.started_at)}</th><td data-label="Of"><bdi>${subject(
              verdict,
            )}</bdi></td><td><span class="badge ${verdict
              .verdict}">${badges[verdict.verdict]}</span>${verdict.proof !== undefined &&
              ` ${verdict.proof}`}</td>${measures.map(({ valueOf, text }, index) => {
                const value = valueOf(verdict);
                return html`<td class="number" data-label="${["RTO", "Size", "Age"][index]}">${
                  value === undefined ? "–" : text(value)
                }</td>`;
              })}</tr>
          `
        )}</tbody>
      </table>
    </section>
  `;
}

function subject(verdict: Verdict): string {
  return databasesOf(verdict).join(", ") || verdict.command;
}
