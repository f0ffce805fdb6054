import type { Check } from "../../checks/kinds.ts";
import type { Config } from "../../config/read_config.ts";
import type { Step } from "../../config/step_schema.ts";

/** A step with the name of its phase. */
export type PlannedStep = Step & { name: string };

/** The steps of a restore, in order: the configuration's own, and whatever check none of them runs at the end. */
export function plannedSteps(config: Config): PlannedStep[] {
  const steps = config.steps ?? usualSteps(config);
  const chosen = new Set(steps.flatMap(({ checks = [] }) => checks));
  const others = config.checks.map(({ name }) => name).filter((name) => !chosen.has(name));
  const all = others.length > 0 ? [...steps, { checks: others }] : steps;
  const names = all.map(nameOf);
  // Two phases of one name would be told apart by nobody.
  return all.map((step, index) => {
    const earlier = names.slice(0, index).filter((name) => name === names[index]).length;
    return { ...step, name: earlier === 0 ? names[index] : `${names[index]} ${earlier + 1}` };
  });
}

/** Databases, what can be seen without an application, applications, what needs them. */
function usualSteps({ databases, checks, app }: Config): Step[] {
  const apps = Object.keys(app);
  const needsApp = ({ kind }: Check) => kind === "http" && apps.length > 0;
  const names = (wanted: Check[]) => wanted.map(({ name }) => name);
  const steps: Step[] = [
    { databases: Object.keys(databases) },
    { checks: names(checks.filter((check) => !needsApp(check))) },
    { start: apps },
    { name: "endpoints", checks: names(checks.filter(needsApp)) },
  ];
  return steps.filter((step) => Object.values(step).some((value) => Array.isArray(value) && value.length > 0));
}

function nameOf({ name, databases, objects, start, checks }: Step): string {
  if (name !== undefined) return name;
  if (databases) return "databases";
  if (objects) return "objects";
  if (start) return `start ${start.join(", ")}`;
  return checks ? "checks" : "command";
}
