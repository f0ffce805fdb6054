import { dirname, join } from "node:path";
import { type ClientTools, findClientTools } from "../../lib/postgres/tools.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";
import { type PairOutcome, runPair } from "./pair.ts";
import { installServers, majors } from "./servers.ts";
import { backUpSource } from "./source.ts";

/** Which version is backed up, and which one it is restored into. */
export interface Pair {
  source: number;
  target: number;
}

/** What became of a pair. */
export interface PairResult extends Pair, PairOutcome {
  /** Of pg_dump and pg_restore. */
  client: string;
  /** Of the server that was backed up. */
  from: string;
}

/**
 * The pairs whose source the client programs of this machine can dump, newest first; and sources that they cannot.
 *
 * What a newer pg_dump writes need not restore into the older server it came from, so such a target is left out:
 * pg_dump 15 writes LOGGED for a sequence of PostgreSQL 14, which 14 does not understand.
 */
export async function pairsForClients(): Promise<{ pairs: Pair[]; unserved: number[] }> {
  const clients = await Promise.all(majors.map((major) => clientFor(major)));
  const pairs = majors.flatMap((source, place) => {
    const client = clients[place];
    return client ? majors.filter((target) => target >= client.major).map((target) => ({ source, target })) : [];
  });
  return {
    pairs: pairs.sort((a, b) => b.source - a.source || b.target - a.target),
    unserved: majors.filter((_, place) => !clients[place]),
  };
}

async function clientFor(major: number): Promise<ClientTools | undefined> {
  try {
    return await findClientTools(major, Deno.env.get("PGREHEARSE_PG_BIN"));
  } catch (error) {
    if (error instanceof OperatorError && error.code === "PG_DUMP_TOO_OLD") return undefined;
    throw error;
  }
}

/** Runs pairs, one backup for each source; tells each result and what a source's server could not hold. */
export async function runPairs(
  pairs: Pair[],
  { onResult, onSkipped }: {
    onResult: (result: PairResult) => void;
    onSkipped: (source: number, statements: string[]) => void;
  },
): Promise<void> {
  const bins = await installServers([...new Set(pairs.flatMap(({ source, target }) => [source, target]))]);
  const work = await Deno.makeTempDir({ prefix: "pgrehearse-matrix-" });
  try {
    for (const [source, targets] of Map.groupBy(pairs, ({ source }) => source)) {
      const client = (await clientFor(source))!;
      const clientBin = await clientOnly(client, join(work, `client-${source}`));
      const to = join(work, String(source));
      const backup = await backUpSource(source, { bin: bins.get(source)!, client, clientBin, to });
      if (backup.skipped.length > 0) onSkipped(source, backup.skipped);
      for (const { target } of targets) {
        const outcome = await runPair(backup, { bin: bins.get(target)!, client, clientBin });
        onResult({ source, target, client: client.version, from: backup.server, ...outcome });
      }
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** A directory that holds the client programs and no server, so that a drill has no other server to choose. */
async function clientOnly({ pgDump, pgRestore }: ClientTools, directory: string): Promise<string> {
  await Deno.mkdir(directory);
  for (const program of [pgDump, pgRestore, join(dirname(pgDump), "pg_dumpall")]) {
    await Deno.symlink(program, join(directory, program.slice(dirname(program).length + 1)));
  }
  return directory;
}
