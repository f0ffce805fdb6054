import { momentText } from "../../system/quantities.ts";
import type { ReportedRun } from "../reported_run.ts";
import { explanation, headline } from "../sentence.ts";
import { environment } from "./environment.ts";
import { figures } from "./figures.ts";
import { assertions, checks, findings, notes } from "./findings.ts";
import { type Html, html, trusted } from "./html.ts";
import { backups, mutationsListing, prerequisitesListing } from "./listings.ts";
import { style } from "./style.ts";
import { tablesSection } from "./tables.ts";
import { timeline } from "./timeline.ts";
import { trends } from "./trends.ts";

const verdicts = { pass: "✓ Pass", fail: "✗ Fail", unknown: "? Unknown" } as const;

/** The browser gets no leave to load or run anything, whatever a name in the verdict says. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * One page about the newest of the runs, that needs no network and no script, and prints; with several, their trend.
 *
 * @param newestFirst At least one.
 * @returns The HTML document. Everything that comes from a verdict or a manifest is escaped.
 */
export async function htmlReport(newestFirst: readonly ReportedRun[]): Promise<string> {
  const [newest] = newestFirst;
  const { verdict } = newest;
  const document = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>${`${verdicts[verdict.verdict].slice(2)}: ${headline(verdict)} – pgrehearse`}</title>
        <style>${trusted(style)}</style>
      </head>
      <body>
        <div class="sheet">
          <header class="masthead"><b>pgrehearse ${verdict.command}</b><span>${momentText(
            verdict.finished_at,
          )}</span></header>
          <main>
    ${verdictSection(newest)}
    ${figures(verdict)}
    ${findings(verdict)}
    ${checks(verdict)} ${backups(verdict)} ${prerequisitesListing(verdict)} ${mutationsListing(verdict)}
    ${verdict.phases.length > 0 && phases(newest)}
    ${await trends(newestFirst.map(({ verdict }) => verdict))}
    ${tablesSection(newest)}
    ${assertions(verdict)}
    ${notes(verdict)}
    ${environment(newest)}
          </main>
          <footer><span>pgrehearse ${verdict.tool
            .version}. All times are UTC.</span><span>1 kB is 1,000 bytes.</span></footer>
        </div>
      </body>
    </html>
  `;
  return document.text;
}

function verdictSection({ verdict }: ReportedRun): Html {
  return html`
    <section class="verdict ${verdict.verdict}" aria-labelledby="headline">
    <span class="badge ${verdict
      .verdict}" role="status" aria-label="Verdict">${verdicts[verdict.verdict]}</span>${verdict.proof !== undefined &&
      html`
        <span class="badge plain">proof: ${verdict.proof}</span>
      `}
    <h1 id="headline">${headline(verdict)}</h1>
    <p class="lead">${explanation(verdict)}</p>
    </section>
  `;
}

function phases({ verdict }: ReportedRun): Html {
  return html`
    <section aria-labelledby="phases" class="whole"><h2 id="phases">Where the time went</h2>${timeline(
      verdict,
    )}</section>
  `;
}
