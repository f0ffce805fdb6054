import { type Pair, pairsForClients, runPairs } from "./matrix.ts";

const { pairs, unserved } = await pairsForClients();
const nameOf = ({ source, target }: Pair) => `${source}-${target}`;
const unknown = Deno.args.filter((name) => !pairs.some((pair) => nameOf(pair) === name));
if (unknown.length > 0 || pairs.length === 0) {
  const known = pairs.map(nameOf).join(", ") || "none";
  console.error(`matrix: not a pair that this machine can run: ${unknown.join(", ")}; there are: ${known}.`);
  Deno.exit(2);
}
const chosen = Deno.args.length > 0 ? pairs.filter((pair) => Deno.args.includes(nameOf(pair))) : pairs;

let failures = 0;
const remarks: string[] = [];
console.log("| from | into | pg_dump | result | drill | compare |\n| --- | --- | --- | --- | --- | --- |");
try {
  await runPairs(chosen, {
    onResult({ from, server, client, drillMs, compareMs, problems }) {
      const result = problems.length === 0 ? "pass" : "**fail**";
      const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
      console.log(`| ${from} | ${server} | ${client} | ${result} | ${seconds(drillMs)} | ${seconds(compareMs)} |`);
      if (problems.length > 0) failures++;
      remarks.push(...problems.map((problem) => `${from} into ${server}: ${problem}`));
    },
    onSkipped: (source, statements) =>
      remarks.push(...statements.map((statement) => `${source} cannot run ${statement}`)),
  });
} catch (error) {
  console.error(`matrix: ${error instanceof Error ? error.message : error}`);
  Deno.exit(2);
}
if (unserved.length > 0) remarks.push(`No pg_dump here is new enough for sources of ${unserved.join(", ")}.`);
if (remarks.length > 0) console.log(`\n${remarks.join("\n")}`);
Deno.exit(failures > 0 ? 1 : 0);
