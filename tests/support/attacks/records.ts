import { join } from "node:path";
import { makeBackup } from "../jobs.ts";
import type { Attack, AttackGround } from "./attack.ts";

// Records by an attacker who may write into a store, and who never drilled anything.

interface Drilled {
  store: string;
  /** Of a backup that was drilled, and of one that was not; the second is the newer one. */
  names: [string, string];
  record: string;
}

async function twoBackups(ground: AttackGround): Promise<Drilled> {
  const database = await ground.server.makeDatabase();
  const sql = await ground.server.connect(database);
  await sql.unsafe("CREATE TABLE public.t AS SELECT 1 AS a");
  const store = join(ground.directory, "store");
  const back = async () =>
    (await makeBackup(ground.server.url(database), store)).replace(/^.*\//, "").replace(/\.dump$/, "");
  const first = await back();
  await ground.give(store);
  await ground.run(["drill", `${first}.dump`, "--from", store, "--trust-dump"]);
  await sql.unsafe("INSERT INTO public.t VALUES (2)");
  await sql.end();
  await new Promise((resolve) => setTimeout(resolve, 1100)); // names have seconds
  const second = await back();
  await ground.give(store);
  const names = await Array.fromAsync(Deno.readDir(store), ({ name }) => name);
  const record = names.find((name) => name.startsWith(`${first}.drill-`));
  if (record === undefined) throw new Error("the drill left no record");
  return { store, names: [first, second], record };
}

type Forgery = (text: string, drilled: Drilled) => { name: string; text: string };

const underName = ({ record, names: [first, second] }: Drilled) => record.replace(first, second);

/** A record of a passed drill, for the backup that was not drilled. */
const forgeries: Record<string, Forgery> = {
  "a copy of another backup's": (text, drilled) => ({ name: underName(drilled), text }),
  "a copy with the name changed": (text, drilled) => ({
    name: underName(drilled),
    text: text.replaceAll(drilled.names[0], drilled.names[1]),
  }),
  "one without the manifest's hash": (text, drilled) => ({
    name: underName(drilled),
    text: text.replaceAll(/"manifest_sha256": "[0-9a-f]+"/g, '"manifest_sha256": null'),
  }),
  "one from the future": (text, drilled) => ({
    name: underName(drilled).replace(/drill-\d{4}/, "drill-2999"),
    text: text.replaceAll(/"(\d{4})(-\d\d-\d\dT)/g, '"2999$2'),
  }),
  "what is no JSON": (_, drilled) => ({ name: underName(drilled), text: "{".repeat(100_000) }),
};

export const forgedRecords: Attack[] = [
  ...Object.entries(forgeries).map(([what, forge]): Attack => ({
    name: `drill records: ${what}`,
    async attempt(ground) {
      const drilled = await twoBackups(ground);
      const { name, text } = forge(await Deno.readTextFile(join(drilled.store, drilled.record)), drilled);
      await Deno.writeTextFile(join(drilled.store, name), text);
      await ground.give(drilled.store);
      const { verdict } = await ground.run(["list", "--from", drilled.store]);
      const isDrilled = (name: string) =>
        verdict.backups!.find((each) => each.name === name)?.drill?.verdict === "pass";
      if (!isDrilled(drilled.names[0])) throw new Error("the drill that was made does not count");
      if (isDrilled(drilled.names[1])) throw new Error("the forged drill counts");
      // Of the backups, the one is kept that a drill proved.
      await ground.run(["prune", "--from", drilled.store, "--keep-last", "1", "--yes"]);
      await Deno.stat(join(drilled.store, `${drilled.names[0]}.dump`)).catch(() => {
        throw new Error("the only backup that a drill proved was removed");
      });
    },
  })),
  ...["99999999", "999999999999999", "00000002"].map((number): Attack => ({
    name: `evidence: a planted record ${number}`,
    async attempt(ground) {
      const log = join(ground.directory, "evidence");
      const run = async (args: string[]) => await ground.run(args, { cwd: ground.directory });
      await run(["keygen", "--signing", "--output", "key"]);
      const command = ["drill", "nothing.dump", "--evidence", log, "--signing-key", "key"];
      await run(command);
      await Deno.writeTextFile(join(log, `evidence-${number}.dsse.json`), '{"payload":"","signatures":[]}');
      await ground.give(log);
      const outcomes = [await run(command), await run(command)];
      const records = outcomes.map(({ verdict }) => verdict.evidence?.record);
      if (records.some((record) => record === undefined) || new Set(records).size !== 2) {
        throw new Error(`a run kept no record: ${outcomes[0].verdict.findings[0]?.message}`);
      }
      const looked = await run([
        "history",
        "--from",
        ground.directory,
        "--evidence-store",
        log,
        "--verify",
        "--key",
        "key.pub",
      ]);
      if (looked.verdict.verdict === "pass") throw new Error("nobody noticed the planted record");
    },
  })),
];
