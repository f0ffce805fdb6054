import { pgrehearse } from "../../tests/support/pgrehearse.ts";
import type { Figure } from "./figure.ts";

/** As `pgrehearse selftest` counts them: it breaks a restored copy in one way at a time, and compares unbroken ones. */
export async function mutations(): Promise<Figure[]> {
  const { verdict } = await pgrehearse(["selftest", "--quiet"]);
  const list = verdict.mutations ?? [];
  for (const { name, ok } of list) if (!ok) console.error(`NOT caught: ${name}`);
  const assertion = (name: string) => verdict.assertions.find((assertion) => assertion.name === name);
  const [controls, alarms] = ["controls_clean", "false_alarms"].map(assertion);
  return [
    { what: "mutations caught / tried", done: list.filter(({ ok }) => ok).length, tried: list.length },
    {
      what: "controls without false alarm / controls",
      done: Number(controls?.actual ?? 0),
      tried: Number(controls?.expected ?? 0),
      remark: `${alarms?.actual ?? "?"} false alarms, those beside a mutation included`,
    },
  ];
}
