import { counted, countText } from "../../system/quantities.ts";
import { hasTables, type ReportedRun, type ReportedTable } from "../reported_run.ts";
import type { Finding, Verdict } from "../../verdict/verdict.ts";
import { type Html, html } from "./html.ts";

/** More make a page that a phone cannot open; the rest is in the manifest. */
const mostTables = 2_000;

/** The backup's tables with rows and digests, and whether each came back; those with findings come first. */
export function tablesSection({ tables, verdict }: ReportedRun): Html | undefined {
  const heading = html`<h2 id="tables">Tables</h2>`;
  if (!hasTables(tables)) {
    if (!verdict.backup && !verdict.compared) return undefined;
    return html`
      <section aria-labelledby="tables">${heading}<p class="muted">${tables.absent}</p></section>
    `;
  }
  const found = new Map(verdict.findings.map((finding) => [finding.object, finding]));
  const rank = (table: ReportedTable) => found.has(table.name) ? 0 : 1;
  const sorted = tables.toSorted((a, b) => rank(a) - rank(b) || b.row_count - a.row_count);
  const rows = tables.reduce((sum, { row_count }) => sum + row_count, 0);
  return html`
    <section aria-labelledby="tables">${heading}
    <table class="stacked"><caption>What the backup recorded for ${counted(tables.length, "table")} with ${counted(
      rows,
      "row",
    )}. A digest is a number that two tables share only if they hold the same rows.</caption>
    <thead><tr><th scope="col">Table</th><th scope="col" class="number">Rows</th><th scope="col">Digest</th><th scope="col">Restored</th></tr></thead>
    <tbody>${sorted.slice(0, mostTables).map((table) =>
      html`
        <tr>
          <th scope="row"><bdi>${table.name}</bdi>${table.database !== undefined && html`
            <span class="muted">in ${table.database}</span>
          `}</th>
          <td class="number" data-label="Rows">${countText(table.row_count)}</td>
          <td class="digest" data-label="Digest">${table.digest}</td>
          <td>${cameBack(table, verdict, found.get(table.name))}</td>
        </tr>
      `
    )}</tbody></table>
    ${sorted.length > mostTables &&
      html`<p class="muted small">And ${counted(sorted.length - mostTables, "table")} more in the manifest.</p>`}
    </section>
  `;
}

/** Only a comparison that came to its end says that a table came back. */
function cameBack(table: ReportedTable, { compared }: Verdict, finding: Finding | undefined): Html {
  if (finding) {
    return html`<span class="badge ${finding.severity === "warning" ? "warn" : "fail"}">${finding.code}</span>`;
  }
  if (!compared) return html`<span class="badge plain">Not compared</span>`;
  if (table.is_data_left_out) return html`<span class="badge plain">Left out of the dump</span>`;
  if (table.is_refreshed) return html`<span class="badge plain">Refreshed</span>`;
  return html`<span class="badge pass">Exactly</span>`;
}
