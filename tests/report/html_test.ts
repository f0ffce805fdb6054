import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { htmlReport } from "../../lib/report/html/page.ts";
import { html } from "../../lib/report/html/html.ts";
import type { ReportedRun } from "../../lib/report/reported_run.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { verdictSchema } from "../../lib/verdict/verdict_schema.ts";
import { type Browser, chromium, type Look, startBrowser } from "../support/browser.ts";
import { failedDrill, hostileDrill, hostileText, passedDrill, unknownDrill } from "../support/sample_verdicts.ts";
import { needing } from "../support/needing.ts";

const tables = [
  { name: "public.orders", row_count: 4_213_007, digest: "9f86d081884c7d659a2feaa0c55ad015" },
  { name: "public.items", row_count: 12, digest: "0".repeat(32) },
].map((table) => ({ ...table, is_refreshed: false, is_data_left_out: false }));

function runOf(verdict: Verdict, more: Partial<ReportedRun> = {}): ReportedRun {
  const asRead = verdictSchema.parse(JSON.parse(JSON.stringify(verdict)));
  return { verdict: asRead, source: "verdict.json", signature: { state: "unsigned" }, tables, ...more };
}

Deno.test("html: a template escapes text, in attributes too, and leaves HTML as it is", () => {
  const inner = html`<i title="${`"'`}">${"<b>&"}</i>`;
  assert.equal(html`${[inner, 1]}${undefined}${false}`.text, '<i title="&quot;&#39;">&lt;b&gt;&amp;</i>1');
});

Deno.test("html: no text from outside becomes markup, wherever it is", async () => {
  const hostileTables = tables.map((table) => ({ ...table, name: hostileText, database: hostileText }));
  const run = runOf(hostileDrill(), {
    source: hostileText,
    tables: hostileTables,
    signature: { state: "verified", signer: hostileText },
  });
  const plain = runOf(failedDrill(), { signature: run.signature });
  const page = await htmlReport([run, run]);
  assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
  assert.doesNotMatch(page, /<script|<img|<\/script/);
  const elements = (text: string) => new Set(Array.from(text.matchAll(/<([a-z][a-z0-9]*)/g), ([, name]) => name));
  const known = elements(await htmlReport([plain, plain]));
  assert.deepEqual([...elements(page)].filter((name) => !known.has(name)), []);
});

Deno.test("html: the backups of status, doctor's prerequisites and selftest's mutations are listed, escaped", async () => {
  const verdict: Verdict = {
    ...passedDrill(),
    command: "status",
    backups: [{
      name: hostileText,
      database: hostileText,
      taken_at: "2026-11-20T00:00:00Z",
      age_ms: 90_000_000,
      state: "finished",
      size_bytes: 4_200_000,
      encrypted: false,
    }],
    backup_count: 7,
    prerequisites: [{ name: "disk", state: "warn", message: hostileText, fix: hostileText }],
    mutations: [
      { name: "caught", caught_by: "ROWS_DIFFER", object: "public.t", ok: true, duration_ms: 1 },
      { name: "missed", caught_by: null, object: hostileText, ok: false, duration_ms: 1 },
    ],
  };
  const page = await htmlReport([runOf(verdict)]);
  assert.match(page, /1 backup of 7, newest first\./);
  assert.match(page, /25 h<[\s\S]*4\.2 MB<[\s\S]*Never drilled/);
  assert.match(page, /1 of 2 mutations caught/);
  assert.ok(page.indexOf(">missed<") < page.indexOf(">caught<"));
  assert.doesNotMatch(page, /<script|<img/);
});

Deno.test("html: a run of several databases shows each", async () => {
  const drill = passedDrill();
  const databases = ["shop", "crm"].map((database) => ({
    database,
    backup: { ...drill.backup!, database, name: database },
  }));
  const page = await htmlReport([runOf({ ...drill, restored: databases })]);
  assert.match(page, /<h1 id="headline">The backups of shop and crm can be restored\.<\/h1>/);
  assert.match(page, /they were restored into a throwaway server/);
  for (const database of ["shop", "crm"]) assert.match(page, new RegExp(`<dt>Backup of ${database}</dt>`));
  assert.match(page, /9\.6 GB/); // both
});

Deno.test("html: a page of 50,000 tables and as many findings stays one that a browser opens", async () => {
  const many = Array.from({ length: 50_000 }, (_, n) => ({ ...tables[0], name: `public.t${n}` }));
  const findings = many.map(({ name }) => ({ code: "ROWS_DIFFER", object: name, message: name, fix: "Look." }));
  const page = await htmlReport([runOf({ ...failedDrill(), findings }, { tables: many })]);
  assert.ok(page.length < 2_000_000, `${page.length} bytes`);
  assert.match(page, /And 49,800 findings more/);
  assert.match(page, /And 48,000 tables more/);
});

Deno.test(needing({ chromium }, "html: in a real browser"), async (t) => {
  await using browser = await startBrowser(chromium!);
  const directory = await Deno.makeTempDir();
  const open = async (name: string, runs: ReportedRun[], look?: Look) => {
    const path = join(directory, `${name}.html`);
    await Deno.writeTextFile(path, await htmlReport(runs));
    const url = pathToFileURL(path).href;
    await browser.open(url, look);
    return url;
  };
  const runs = [0, 1, 2, 3].map((weeksAgo) => runOf(passedDrill({ weeksAgo })));

  await t.step("a passing drill is found by role and text; nothing is asked for, nothing complains", async () => {
    const url = await open("pass", runs);
    assert.deepEqual(await browser.findByRole("status", "Verdict"), ["✓ Pass"]);
    assert.deepEqual(await browser.findByRole("heading", "The backup of shop can be restored."), [
      "The backup of shop can be restored.",
    ]);
    const headings = await browser.findByRole("heading");
    for (const heading of ["Checks", "Where the time went", "Trends over 4 runs", "Tables", "Environment"]) {
      assert.ok(headings.includes(heading), heading);
    }
    const pictures = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('svg[role=img]')].map((svg) => svg.getAttribute('aria-label'))`,
    );
    assert.match(pictures[0], /^Timeline of 10 phases: fetch 21.4 s, .*restore 6 min 12 s/);
    assert.match(pictures[1], /^Recovery time \(RTO\), .* limit 15 min\.$/);
    assert.equal(pictures.length, 4);
    const cells = (await browser.findByRole("rowheader")).filter((name) => name.startsWith("public."));
    assert.deepEqual(cells, ["public.orders", "public.items"]);
    assert.deepEqual(browser.requested, [url]);
    assert.deepEqual(browser.said, []);
  });

  await t.step(
    "a failing one says so, with findings worst first; one that could not verify does not pass",
    async () => {
      await open("fail", [runOf(failedDrill())]);
      assert.deepEqual(await browser.findByRole("status", "Verdict"), ["✗ Fail"]);
      const codes =
        `[...document.querySelectorAll('.findings li > code:first-of-type')].map((code) => code.textContent)`;
      assert.deepEqual(await browser.evaluate(codes), ["ROW_COUNT_DIFFERS", "APP_NOT_STARTED", "SQL_VALUE_WRONG"]);
      await open("unknown", [runOf(unknownDrill(), { tables: { absent: "There is no manifest." } })]);
      assert.deepEqual(await browser.findByRole("status", "Verdict"), ["? Unknown"]);
      assert.ok(await browser.evaluate("document.body.innerText.includes('There is no manifest.')"));
    },
  );

  await t.step("a table named <script> is text: no script runs, no image is asked for", async () => {
    const url = await open("hostile", [runOf(hostileDrill()), runOf(hostileDrill())]);
    assert.deepEqual(browser.said, []);
    assert.deepEqual(browser.requested, [url]);
    assert.equal(await browser.evaluate("document.scripts.length + document.images.length"), 0);
    assert.ok(await browser.evaluate("document.querySelector('h1').innerText.includes('<script>alert(1)</script>')"));
  });

  await t.step("even markup that got through would not run or load", async () => {
    const [path, injected] = [
      join(directory, "broken.html"),
      '<img src="http://127.0.0.1:9/x" onerror="alert(1)"><script>alert(2)</script>',
    ];
    await Deno.writeTextFile(path, (await htmlReport(runs)).replace("<main>", `<main>${injected}`));
    await browser.open(pathToFileURL(path).href);
    assert.equal(browser.said.filter((text) => text.startsWith("dialog")).length, 0);
    assert.ok(browser.said.some((text) => text.includes("Content Security Policy")), browser.said.join("\n"));
  });

  const looks: Record<string, Look> = {
    wide: {},
    "a phone": { width: 390 },
    "a small phone": { width: 320 },
    dark: { isDark: true },
    printed: { width: 700, isPrinted: true, isDark: true },
  };
  for (const [name, look] of Object.entries(looks)) {
    await t.step(`${name}: nothing leaves the page's width, and every text has WCAG AA's contrast`, async () => {
      for (const [page, verdict] of Object.entries({ pass: passedDrill(), fail: failedDrill(), odd: hostileDrill() })) {
        await open(page, [runOf(verdict), runOf(verdict)], look);
        assert.equal(await browser.evaluate("document.documentElement.scrollWidth - innerWidth <= 0"), true, page);
        assert.deepEqual(await lowContrast(browser), [], page);
      }
      const isLight = await browser.evaluate("getComputedStyle(document.body).backgroundColor !== 'rgb(15, 18, 22)'");
      assert.equal(isLight, name !== "dark");
      const pictures = Deno.env.get("PGREHEARSE_TEST_PICTURES"); // a folder, to look at them
      if (pictures) {
        await open("pass", runs, look);
        await Deno.writeFile(join(pictures, `${name}.png`), await browser.screenshot());
      }
    });
  }
  await Deno.remove(directory, { recursive: true });
});

/** Texts whose contrast with what lies below is less than WCAG AA asks for. */
function lowContrast(browser: Browser): Promise<string[]> {
  return browser.evaluate(`(() => {
    const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const below = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = rgb(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const low = [];
    for (const element of document.querySelectorAll("body *")) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!own || element.closest("style")) continue;
      const style = getComputedStyle(element);
      const [a, b] = [light(rgb(element.namespaceURI.endsWith("svg") ? style.fill : style.color)), light(below(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const isLarge = parseFloat(style.fontSize) >= 24;
      if (ratio < (isLarge ? 3 : 4.5)) low.push(element.textContent.trim().slice(0, 40) + " " + ratio.toFixed(2));
    }
    return low;
  })()`);
}
