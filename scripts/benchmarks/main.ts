import { chain } from "./chain.ts";
import type { Figure } from "./measure.ts";
import { smoke } from "./smoke.ts";
import { startup } from "./startup.ts";

const benchmarks: Record<string, () => Promise<Figure[]>> = { smoke, chain, startup };

const chosen = Deno.args.length > 0 ? Deno.args : Object.keys(benchmarks);
const unknown = chosen.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`bench: no benchmark is named ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}.`);
  Deno.exit(2);
}

console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}; medians\n`);
console.log("| what | measured | asked |\n| --- | --- | --- |");
for (const name of chosen) {
  for (const { what, measured, asked } of await benchmarks[name]()) console.log(`| ${what} | ${measured} | ${asked} |`);
}
