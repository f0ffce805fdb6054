import { withDatabase } from "../../lib/postgres/connection/connection_parameters.ts";
import { dumpDatabase } from "../../lib/postgres/pg_dump.ts";
import { restoreOrFail } from "../../lib/postgres/pg_restore.ts";
import { findClientTools } from "../../lib/postgres/tools.ts";
import { definitionRound } from "../../tests/support/definition_rounds.ts";
import { startTestServer } from "../../tests/support/server.ts";
import type { Figure } from "./figure.ts";

const [rounds, perRound, changesPerRound] = [10, 500, 300];

/**
 * Definitions that are made up, of every kind whose text the server prints, restored by pg_dump and pg_restore and
 * compared; and compared with texts in which one token was changed.
 */
export async function definitions(): Promise<Figure[]> {
  await using server = await startTestServer();
  const tools = await findClientTools(15);
  const first = Number(Deno.env.get("SEED") ?? Math.floor(Date.now() / 1000) % 1_000_000);
  console.error(`definitions: SEED=${first}`);
  let [made, quiet, otherwise, changed, caught] = [0, 0, 0, 0, 0];
  for (let seed = first; seed < first + rounds; seed++) {
    const round = await definitionRound(server, {
      seed,
      count: perRound,
      changes: changesPerRound,
      async restore(database) {
        const file = await Deno.makeTempFile({ suffix: ".dump" });
        try {
          const copy = await server.makeDatabase();
          await dumpDatabase(withDatabase(server.parameters, database), file, { tools });
          await restoreOrFail(withDatabase(server.parameters, copy), file, { tools });
          return await server.connect(copy);
        } finally {
          await Deno.remove(file);
        }
      },
    });
    for (const { object, detail } of round.alarms) console.error(`FALSE ALARM, seed ${seed}: ${object}\n${detail}`);
    for (const { identity, before, after } of round.missed) {
      console.error(`MISSED, seed ${seed}: ${identity}\n${before}\n→\n${after}`);
    }
    made += round.made;
    quiet += round.made - round.alarms.length;
    otherwise += round.printedOtherwise;
    changed += round.changed;
    caught += round.changed - round.missed.length;
  }
  return [
    {
      what: "generated definitions without false alarm / restored",
      done: quiet,
      tried: made,
      remark: `${otherwise} printed otherwise after the restore`,
    },
    { what: "changed texts caught / tried", done: caught, tried: changed },
  ];
}
