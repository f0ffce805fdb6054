import { backup } from "./backup.ts";
import { backupOfShapes } from "./shapes.ts";
import { removeBenchDatabases } from "./big_database.ts";
import { chain } from "./chain.ts";
import { chainCheckTimes } from "./chain_check.ts";
import { digest } from "./digest.ts";
import { drill } from "./drill.ts";
import { growth } from "./growth.ts";
import { isolation } from "./isolation.ts";
import { listing } from "./list.ts";
import type { Figure } from "./measure.ts";
import { memory } from "./memory.ts";
import { packed } from "./packed.ts";
import { physical } from "./physical.ts";
import { privileges } from "./privileges.ts";
import { secrets } from "./secrets.ts";
import { checkedObjects } from "./objects.ts";
import { smoke } from "./smoke.ts";
import { startup } from "./startup.ts";
import { storedBackup } from "./stored_backup.ts";
import { storeMemory } from "./store_memory.ts";
import { tables } from "./tables.ts";
import { wholeServer } from "./whole_server.ts";

const benchmarks: Record<string, () => Promise<Figure[]>> = {
  smoke,
  chain,
  chain_check: chainCheckTimes,
  startup,
  packed,
  digest,
  backup,
  shapes: backupOfShapes,
  drill,
  isolation,
  tables,
  privileges,
  secrets,
  memory: () => memory([1]),
  list: listing,
  objects: checkedObjects,
  stored_backup: storedBackup,
  store: () => storeMemory([300]),
  whole_server: wholeServer,
  physical: () => physical(500),
};

/** With `--full`, what takes a quarter of an hour and 20 GB of disk, too. */
const full: typeof benchmarks = {
  memory: () => memory([1, 10]),
  growth,
  store: () => storeMemory([300, 5120]),
  physical: () => physical(5_000),
};

const isFull = Deno.args.includes("--full");
if (isFull) Object.assign(benchmarks, full);
const named = Deno.args.filter((argument) => argument !== "--full");
const chosen = named.length > 0 ? named : Object.keys(benchmarks);
const unknown = chosen.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  const known = Object.keys({ ...benchmarks, ...full }).join(", ");
  console.error(`bench: no benchmark is named ${unknown.join(", ")}; there are ${known} (growth with --full only).`);
  Deno.exit(2);
}

console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}; medians\n`);
console.log("| what | measured | asked |\n| --- | --- | --- |");
try {
  for (const name of chosen) {
    for (const { what, measured, asked } of await benchmarks[name]()) {
      console.log(`| ${what} | ${measured} | ${asked} |`);
    }
  }
} finally {
  await removeBenchDatabases();
}
