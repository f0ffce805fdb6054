import { makeBrokenBackups } from "../../tests/support/broken_backups.ts";
import { faults as listOfFaults, makeFaultyDatabase } from "../../tests/support/faults.ts";
import { runDrill } from "../../tests/support/jobs.ts";
import { startTestServer } from "../../tests/support/server.ts";
import { startTlsServer } from "../../tests/support/tls_server.ts";
import { traceableDirectory } from "../../tests/support/traces.ts";
import { type Figure, startTally, twoAtATime } from "./figure.ts";

/** Backups broken in every known way, each in a throwaway cluster; servers, connections and locks that break, three times. */
export async function faults(): Promise<Figure[]> {
  return [await brokenBackups(), await brokenServers()];
}

async function brokenBackups(): Promise<Figure> {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const tally = startTally();
  await twoAtATime(
    await makeBrokenBackups(server, directory.path),
    ({ name, path, code, noChecksum }) =>
      tally.try(name, async () => {
        const { verdict, findings } = await runDrill(path, { checksum: !noChecksum });
        const codes = findings.map((finding) => finding.code);
        if (verdict === "pass" || !codes.includes(code)) throw new Error(`${verdict} with ${codes}, expected ${code}`);
        if (codes.includes("INTERNAL_ERROR")) throw new Error(JSON.stringify(findings));
      }),
  );
  return tally.figure("broken backups named for what they are / tried");
}

async function brokenServers(): Promise<Figure> {
  const tally = startTally();
  await using server = await startTlsServer();
  await makeFaultyDatabase(server);
  for (let turn = 0; turn < 3; turn++) {
    for (const { name, run } of listOfFaults) await tally.try(name, () => run(server));
  }
  return tally.figure("faults survived / tried");
}
