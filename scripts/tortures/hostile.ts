import { hostileDatabases, withHostileDatabase } from "../../tests/support/hostile_databases.ts";
import { runBackup, runDrill } from "../../tests/support/jobs.ts";
import { startTestServer } from "../../tests/support/server.ts";
import { traceableDirectory } from "../../tests/support/traces.ts";
import { type Figure, startTally } from "./figure.ts";

/** Every hostile database, the large ones too, in both formats, drilled in a throwaway cluster. */
export async function hostile(): Promise<Figure[]> {
  await using server = await startTestServer();
  const tally = startTally();
  for (const database of hostileDatabases) {
    await tally.try(database.name, () =>
      withHostileDatabase(server, database, async (url) => {
        for (const format of database.isLarge ? ["custom"] as const : ["custom", "directory"] as const) {
          await using directory = await traceableDirectory();
          const made = await runBackup(url, directory.path, { format });
          if (made.verdict !== "pass") throw new Error(JSON.stringify(made.findings));
          const { verdict, proof, findings } = await runDrill(made.backup!.path, { timeoutMs: 300_000 });
          if (verdict !== "pass" || proof !== "exact" || findings.length > 0) throw new Error(JSON.stringify(findings));
        }
      }));
  }
  return [tally.figure("hostile databases exact / tried")];
}
