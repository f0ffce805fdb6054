/** The page's look: light, dark and printed; from a phone's width up. Colours keep WCAG AA's contrast with what lies below. */
export const style = `
:root {
  color-scheme: light;
  --page: #f6f7f9; --card: #ffffff; --ink: #16191d; --muted: #59616b; --line: #dfe3e8; --soft: #eef1f4;
  --accent: #2456a6; --bar: #6f9bd8;
  --pass: #146c43; --pass-soft: #e3f3ea; --fail: #b3261e; --fail-soft: #fbe9e7; --unknown: #7a4f00;
  --unknown-soft: #fdf1d8;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #0f1216; --card: #181c22; --ink: #e8ebef; --muted: #a2abb6; --line: #2c333c; --soft: #222831;
    --accent: #8ab4f8; --bar: #4c7fc4;
    --pass: #6fd39b; --pass-soft: #12291d; --fail: #ff9b91; --fail-soft: #34181a; --unknown: #f2c063;
    --unknown-soft: #30260f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
.sheet { max-width: 1040px; margin: 0 auto; padding: 28px 24px 56px; }
.masthead, footer { display: flex; flex-wrap: wrap; gap: 4px 16px; justify-content: space-between; color: var(--muted);
  font-size: 14px; }
.masthead { margin-bottom: 14px; }
.masthead b { color: var(--ink); letter-spacing: .01em; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 22px 26px;
  margin: 0 0 16px; }
h1 { font-size: 30px; line-height: 1.2; margin: 12px 0 10px; letter-spacing: -.015em; text-wrap: balance;
  overflow-wrap: anywhere; }
h2 { font-size: 18px; line-height: 1.3; margin: 0 0 14px; }
h3 { font-size: 15px; margin: 0; }
p { margin: 0 0 8px; }
p:last-child { margin-bottom: 0; }
ul { margin: 0; padding-left: 22px; overflow-wrap: anywhere; }
.muted { color: var(--muted); }
.small { font-size: 14px; }
.unbroken { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
code, .digest { font: 13px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; }
code, bdi { overflow-wrap: anywhere; }
pre { font: 13px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; margin: 8px 0 0;
  padding: 10px 12px; background: var(--soft); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }

.verdict { border-left-width: 8px; padding: 26px 30px; }
.verdict.pass { border-left-color: var(--pass); } .verdict.fail { border-left-color: var(--fail); }
.verdict.unknown { border-left-color: var(--unknown); }
.verdict .lead { font-size: 18px; max-width: 46em; text-wrap: pretty; }
.badge { display: inline-block; border-radius: 999px; padding: 3px 14px; font-weight: 650; font-size: 14px;
  letter-spacing: .04em; white-space: nowrap; }
.badge.pass { color: var(--pass); background: var(--pass-soft); }
.badge.fail { color: var(--fail); background: var(--fail-soft); }
.badge.unknown, .badge.warn { color: var(--unknown); background: var(--unknown-soft); }
.badge.plain { color: var(--muted); background: var(--soft); }
td .badge, dd .badge, li .badge { font-size: 13px; padding: 1px 10px; letter-spacing: 0; }

.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; margin: 0 0 16px; }
.figures > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px; }
.figures dt { color: var(--muted); font-size: 14px; }
.figures dd { margin: 0; }
.figures .value { font-size: 25px; font-weight: 620; line-height: 1.3; letter-spacing: -.01em; }
.figures .value.over { color: var(--fail); }
.figures svg { display: block; width: 100%; height: 6px; margin: 8px 0 6px; border-radius: 3px; }
.track { fill: var(--soft); } .within { fill: var(--pass); } .over-limit { fill: var(--fail); }

svg text { font-family: inherit; }
.timeline { display: block; width: 100%; font-size: 14px; }
.timeline .name { fill: var(--ink); } .timeline .time, .timeline .tick { fill: var(--muted); }
.timeline .lane { fill: var(--soft); } .timeline .bar { fill: var(--bar); }
.timeline .grid { stroke: var(--line); }

.findings { list-style: none; margin: 0; padding: 0; }
.findings li { padding: 14px 0 14px 18px; border-left: 4px solid var(--fail); margin: 0 0 12px; padding-block: 2px; }
.findings li.warning { border-left-color: var(--unknown); }
.findings li:last-child { margin-bottom: 0; }
.findings .message { font-weight: 600; margin: 4px 0; overflow-wrap: anywhere; }
.findings .fix { overflow-wrap: anywhere; }

table { border-collapse: collapse; width: 100%; font-size: 15px; }
caption { text-align: left; color: var(--muted); font-size: 14px; padding: 0 0 10px; }
th { text-align: left; font-weight: 600; color: var(--muted); font-size: 13px; }
th, td { padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
td bdi { display: inline-block; min-width: 4.5em; } /* a name is not broken after three letters */
tbody tr:last-child > * { border-bottom: 0; }
tbody th { color: var(--ink); font-size: 15px; font-weight: 500; overflow-wrap: anywhere; }
th.number { text-align: right; }
.number:not(:last-child) { padding-right: 28px; }

.facts { display: grid; grid-template-columns: minmax(130px, max-content) 1fr; gap: 7px 24px; margin: 0; font-size: 15px; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }

.trends { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(270px, 100%), 1fr)); gap: 24px; }
figure { margin: 0; }
.trends svg { display: block; width: 100%; height: auto; max-width: 420px; }
.trends svg text { font-family: inherit !important; }

@media (max-width: 640px) {
  .sheet { padding: 16px 12px 40px; }
  section { padding: 18px 16px; }
  .verdict { padding: 20px 18px; border-left-width: 6px; }
  h1 { font-size: 24px; }
  .verdict .lead { font-size: 17px; }
  .figures { grid-template-columns: 1fr 1fr; gap: 10px; }
  .figures > div { padding: 12px 14px; }
  .figures .value { font-size: 21px; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 10px; }
  /* A row is a small card; each cell says what it is. */
  .stacked, .stacked tbody, .stacked tr, .stacked td, .stacked tbody th, .stacked caption { display: block; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { padding: 10px 0; border-bottom: 1px solid var(--line); }
  .stacked tr:last-child { border-bottom: 0; }
  .stacked tbody :is(td, th) { border: 0; padding: 1px 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .stacked tbody th { font-weight: 600; }
  .stacked td[data-label]::before { content: attr(data-label) " "; color: var(--muted); font-size: 14px; }
}
@media print {
  @page { margin: 14mm; }
  :root { --page: #ffffff; --soft: #eceff2; }
  body { font-size: 11pt; }
  .sheet { max-width: none; padding: 0; }
  section, .figures > div { border-color: #b8c0c9; }
  section { padding: 12px 16px; }
  .badge, .verdict, svg, pre { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .figures > div, .findings li, tr, figure, .verdict, .whole { break-inside: avoid; }
  h2 { break-after: avoid; }
  .trends { grid-template-columns: repeat(3, 1fr); gap: 12px; }
}
`;
