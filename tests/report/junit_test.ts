import assert from "node:assert/strict";
import { junitReport } from "../../lib/report/junit.ts";
import { failedDrill, hostileDrill, hostileText, passedDrill, unknownDrill } from "../support/sample_verdicts.ts";
import { type Element, parseXml } from "../support/xml.ts";

/** Jenkins' junit-10.xsd, as far as we use it: the attributes and children of each element; `?` marks what may be absent. */
const shape: Record<string, { attributes: string; children: string[] }> = {
  testsuites: { attributes: "name tests failures errors time", children: ["testsuite"] },
  testsuite: { attributes: "name tests failures errors skipped time timestamp", children: ["properties", "testcase"] },
  properties: { attributes: "", children: ["property"] },
  property: { attributes: "name value", children: [] },
  testcase: { attributes: "classname name time", children: ["skipped", "error", "failure", "system-out"] },
  skipped: { attributes: "message", children: [] },
  error: { attributes: "message type", children: [] },
  failure: { attributes: "message type", children: [] },
  "system-out": { attributes: "", children: [] },
};

function requireShape(element: Element): void {
  const { attributes, children } = shape[element.name];
  assert.deepEqual(Object.keys(element.attributes).sort(), attributes.split(" ").filter(Boolean).sort());
  for (const child of element.children) {
    assert.ok(children.includes(child.name), `<${child.name}> in <${element.name}>`);
    requireShape(child);
  }
  if (element.name !== "testsuite") return;
  const cases = element.children.filter(({ name }) => name === "testcase");
  assert.equal(element.attributes.tests, String(cases.length));
  for (const [attribute, name] of [["failures", "failure"], ["errors", "error"], ["skipped", "skipped"]]) {
    const count = cases.filter(({ children }) => children.some((child) => child.name === name)).length;
    assert.equal(element.attributes[attribute], String(count), attribute);
  }
  assert.match(element.attributes.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
}

/** `name: outcome`, of every test case. */
function outcomes(suite: Element): string[] {
  return suite.children.filter(({ name }) => name === "testcase")
    .map(({ attributes, children }) => `${attributes.name}: ${children[0]?.name ?? "ok"}`);
}

Deno.test("junit: a suite a verdict, a test case an assertion, in Jenkins' shape", () => {
  const document = parseXml(junitReport([passedDrill(), failedDrill()]));
  requireShape(document);
  const [passed, failed] = document.children;
  assert.equal(passed.attributes.name, "pgrehearse drill shop");
  assert.equal(outcomes(passed).length, passedDrill().assertions.length);
  assert.ok(outcomes(passed).every((outcome) => outcome.endsWith(": ok")));
  assert.deepEqual(outcomes(failed), [
    "damaged_dump_files: ok",
    "rows_differing: failure",
    "definitions_differing: ok",
    "orders are recent: value: system-out", // a warning
    "sums look right: value: skipped", // waits for a review
    "login works: run: skipped", // was not run
  ]);
  assert.equal(document.attributes.failures, "1");
  const failure = failed.children.find(({ attributes }) => attributes.name === "rows_differing")!.children[0];
  assert.equal(failure.attributes.message, "expected 0, got 2");
  assert.match(failure.text, /^ROW_COUNT_DIFFERS: public.orders holds .*\n {2}Run pgrehearse compare/);
});

Deno.test("junit: what could not be verified is never green, nor a failure without an assertion", () => {
  const unknown = parseXml(junitReport([unknownDrill()]));
  requireShape(unknown);
  assert.deepEqual(outcomes(unknown.children[0]), ["verdict: error"]);
  assert.match(unknown.children[0].children.at(-1)!.children[0].text, /^TOOL_NOT_FOUND: pg_restore was not found\./);
  const notRun = { ...failedDrill(), verdict: "unknown" as const, assertions: failedDrill().assertions.slice(-1) };
  assert.deepEqual(outcomes(parseXml(junitReport([notRun])).children[0]), [
    "login works: run: skipped",
    "verdict: error",
  ]);
  const leftBehind = { ...passedDrill(), verdict: "fail" as const, findings: failedDrill().findings };
  assert.equal(outcomes(parseXml(junitReport([leftBehind])).children[0]).at(-1), "verdict: failure");
});

Deno.test("junit: markup is text, and characters that XML forbids are replaced", () => {
  const document = parseXml(junitReport([hostileDrill()]));
  requireShape(document);
  const { attributes, children: [failure] } = document.children[0].children.at(-1)!;
  const replaced = hostileText.toWellFormed().replaceAll("\u0000", "\ufffd").replaceAll("\u001b", "\ufffd");
  assert.equal(attributes.name, replaced);
  assert.equal(failure.name, "failure");
});
