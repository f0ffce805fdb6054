import { pgrehearse } from "../../tests/support/pgrehearse.ts";
import type { Figure } from "./figure.ts";

/** As `pgrehearse selftest` counts them: it breaks a restored copy in one way at a time, and compares unbroken ones. */
export async function mutations(): Promise<Figure[]> {
  const { verdict } = await pgrehearse(["selftest", "--quiet"]);
  const list = verdict.mutations ?? [];
  for (const { name, ok } of list) if (!ok) console.error(`NOT caught: ${name}`);
  const controls = verdict.assertions.filter(({ name }) => name.startsWith("control"));
  return [
    { what: "mutations caught / tried", done: list.filter(({ ok }) => ok).length, tried: list.length },
    {
      what: "controls without false alarm / controls",
      done: controls.filter(({ ok }) => ok).length,
      tried: controls.length,
    },
  ];
}
