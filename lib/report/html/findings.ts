import type { Assertion, CheckOutcome, Finding, Note, Verdict } from "../../verdict/verdict.ts";
import { counted, durationText, valueText } from "../../system/quantities.ts";
import { worstFirst } from "../reported_run.ts";
import { type Html, html } from "./html.ts";

/** A page must open on a phone, also when every one of 50,000 tables differs. */
const mostFindings = 200;

/** What is wrong, worst first, each with what to do. */
export function findings({ findings }: Verdict): Html | undefined {
  if (findings.length === 0) return undefined;
  const sorted = worstFirst(findings);
  return html`
    <section aria-labelledby="findings"><h2 id="findings">What was found</h2>
    <ol class="findings">${sorted.slice(0, mostFindings).map(finding)}</ol>
    ${sorted.length > mostFindings &&
      html`<p class="muted">And ${counted(sorted.length - mostFindings, "finding")} more in the verdict.</p>`}
    </section>
  `;
}

function finding({ code, message, fix, detail, object, severity = "error" }: Finding): Html {
  return html`
    <li class="${severity}"><span class="badge ${severity === "error" ? "fail" : "warn"}">${severity === "error"
      ? "Error"
      : "Warning"}</span> <code>${code}</code>${object !== undefined && html`
      <code class="muted"><bdi>${object}</bdi></code>
    `}
    <p class="message">${message}</p><p class="fix">${fix}</p>${detail &&
      html`<pre>${valueText(detail, 4_000)}</pre>`}</li>
  `;
}

const states: Record<CheckOutcome["state"], [badge: string, word: string]> = {
  pass: ["pass", "Passed"],
  fail: ["fail", "Failed"],
  warn: ["warn", "Warning"],
  review: ["warn", "Needs review"],
  not_run: ["plain", "Not run"],
};

/** The configured checks, as they went. */
export function checks({ checks = [], reviewed_by }: Verdict): Html | undefined {
  if (checks.length === 0) return undefined;
  return html`
    <section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <table class="stacked">
        <caption>What the configuration asks of the restored system${reviewed_by !== undefined &&
          `; reviewed by ${reviewed_by}`}.</caption>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Kind</th>
            <th scope="col">Result</th>
            <th scope="col" class="number">Time</th>
          </tr>
        </thead>
        <tbody>${checks.map(({ name, kind, state, duration_ms }) => {
          const [badge, word] = states[state];
          return html`
            <tr>
              <th scope="row"><bdi>${name}</bdi></th>
              <td data-label="Kind">${kind}</td>
              <td><span class="badge ${badge}">${word}</span></td>
              <td class="number" data-label="Time">${durationText(duration_ms)}</td>
            </tr>
          `;
        })}</tbody>
      </table>
    </section>
  `;
}

/** Every assertion with what was expected and what was there; those that do not hold come first. */
export function assertions({ assertions }: Verdict): Html | undefined {
  if (assertions.length === 0) return undefined;
  const sorted = assertions.toSorted((a, b) => Number(a.ok) - Number(b.ok));
  return html`
    <section aria-labelledby="assertions"><h2 id="assertions">Assertions</h2>
    <table class="stacked"><caption>${held(assertions)}</caption>
    <thead><tr><th scope="col">Assertion</th><th scope="col">Expected</th><th scope="col">Found</th><th scope="col">Result</th></tr></thead>
    <tbody>${sorted.slice(0, mostFindings).map((assertion) =>
      html`
        <tr>
          <th scope="row"><bdi>${assertion.name}</bdi></th>
          <td data-label="Expected"><code>${valueText(assertion.expected)}</code></td>
          <td data-label="Found"><code>${valueText(assertion.actual)}</code></td>
          <td>${result(assertion)}</td>
        </tr>
      `
    )}</tbody></table>
    ${sorted.length > mostFindings &&
      html`<p class="muted small">And ${counted(sorted.length - mostFindings, "assertion")} more in the verdict.</p>`}
    </section>
  `;
}

function held(assertions: Assertion[]): string {
  return `${assertions.filter(({ ok }) => ok).length} of ${assertions.length} assertions hold.`;
}

function result({ ok, not_run, severity }: Assertion): Html {
  if (ok) return html`<span class="badge pass">Holds</span>`;
  if (not_run) return html`<span class="badge plain">Not run</span>`;
  if (severity === "warn") return html`<span class="badge warn">Warning</span>`;
  if (severity === "review") return html`<span class="badge warn">Needs review</span>`;
  return html`<span class="badge fail">Does not hold</span>`;
}

/** What differs and may. */
export function notes({ notes = [] }: Verdict): Html | undefined {
  if (notes.length === 0) return undefined;
  const row = ({ code, message }: Note) => html`<li><code>${code}</code> ${message}</li>`;
  return html`
    <section
      aria-labelledby="notes"><h2 id="notes">What differs, and may</h2><ul class="small">${notes.slice(0, mostFindings)
        .map(row)}</ul>${notes.length > mostFindings &&
        html`<p class="muted small">And ${
          counted(notes.length - mostFindings, "note")
        } more in the verdict.</p>`}</section>
  `;
}
