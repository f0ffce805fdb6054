import { attacked } from "./attacks.ts";
import { definitions } from "./definitions.ts";
import { faults } from "./faults.ts";
import type { Figure } from "./figure.ts";
import { flips } from "./flips.ts";
import { hostile } from "./hostile.ts";
import { kills } from "./kills.ts";
import { mutations } from "./mutations.ts";
import { restores } from "./restores.ts";

const tortures: Record<string, () => Promise<Figure[]>> = {
  mutations,
  definitions,
  flips,
  faults,
  hostile,
  kills,
  restores,
  attacks: attacked,
};

const chosen = Deno.args.length > 0 ? Deno.args : Object.keys(tortures);
const unknown = chosen.filter((name) => !(name in tortures));
if (unknown.length > 0) {
  console.error(`torture: none is named ${unknown.join(", ")}; there are ${Object.keys(tortures).join(", ")}.`);
  Deno.exit(2);
}

const figures: Figure[] = [];
for (const name of chosen) {
  const start = performance.now();
  figures.push(...await tortures[name]());
  console.error(`${name}: ${Math.round((performance.now() - start) / 1000)} s`);
}
console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}\n`);
console.log("| what | figure | remark |\n| --- | --- | --- |");
for (const { what, done, tried, remark = "" } of figures) console.log(`| ${what} | ${done} / ${tried} | ${remark} |`);
// Nothing tried proves nothing.
Deno.exit(figures.every(({ done, tried }) => done === tried && tried > 0) ? 0 : 1);
