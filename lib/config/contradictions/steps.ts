import { stepActions } from "../step_schema.ts";
import { asArray, asObject, type Lookup } from "./document.ts";

/** What steps name: by their key, where that is defined, what it is called, and whether every one must be named once. */
const namedBySteps = [
  { action: "databases", of: "databases", what: "database", undone: "restores" },
  { action: "start", of: "app", what: "application", undone: "starts" },
  { action: "objects", of: "buckets", what: "bucket", undone: undefined },
  { action: "checks", of: "checks", what: "check", undone: undefined },
] as const;

/** Steps that do not do one thing, or do it twice; and what no step brings back. */
export function lookAtSteps({ config, say, mustBe }: Lookup): void {
  if (!Array.isArray(config.steps)) return;
  const steps = config.steps.map(asObject);
  steps.forEach((step, index) => {
    const actions = stepActions.filter((action) => step[action] !== undefined);
    if (actions.length === 1) return;
    const does = actions.length === 0 ? "nothing" : actions.join(" and ");
    say(
      ["steps", index],
      `a step does one thing, and this does ${does}`,
      `Give it one of ${stepActions.join(", ")}.`,
    );
  });
  for (const { action, of, what, undone } of namedBySteps) {
    const done = new Set<unknown>();
    steps.forEach((step, index) =>
      asArray(step[action]).forEach((name, place) => {
        const path = ["steps", index, action, place];
        mustBe(of, what, path, name);
        if (undone && done.has(name)) say(path, "an earlier step does that already");
        done.add(name);
      })
    );
    const left = undone ? Object.keys(asObject(config[of])).filter((name) => !done.has(name)) : [];
    for (const name of left) say(["steps"], `no step ${undone} the ${what} ${name}`);
  }
}
