import { dirname, join } from "node:path";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import { findClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import { bigTable } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";
import { runCommand, runProgram } from "./program.ts";

/** `drill`, from cluster to teardown, against a bare cluster and a bare restore, without teardown. */
export async function drill(): Promise<Figure[]> {
  const { url } = await bigTable();
  const server = await findServerTools();
  const client = await findClientTools(server.major);
  const directory = await Deno.makeTempDir();
  const account = await ownAccount();
  try {
    await runProgram(["backup", "--quiet", "--db-url", url, "--to", join(directory, "backups")]);
    const { dump, cluster } = await openTo(directory, account);
    const script = await Deno.readTextFile(new URL("./bare_drill.sh", import.meta.url));
    const bare = (step: string, ...args: string[]) =>
      runCommand("/bin/sh", ["-c", script, "bare_drill", step, cluster, dirname(server.postgres), ...args], {
        cwd: "/",
        uid: account?.uid,
        gid: account?.gid,
      });
    const pair = await timePair(
      () => runProgram(["drill", "--quiet", "--latest", "--from", join(directory, "backups")]),
      () => bare("make", dirname(client.pgDump), dump),
      { runs: 5, tidy: () => bare("remove") },
    );
    return [ratioFigure("`drill` / `initdb`, start, bare `pg_restore -j2`", pair, "≤ 0.85×")];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The bare restore runs as the server's account: it gets a copy of the dump, and a directory to make its cluster in. */
async function openTo(directory: string, account?: { uid: number; gid: number }) {
  const backups = join(directory, "backups");
  const names = await Array.fromAsync(Deno.readDir(backups), ({ name }) => name);
  const open = join(directory, "open");
  const dump = join(open, "bare.dump");
  await Deno.mkdir(open);
  await Deno.copyFile(join(backups, names.find((name) => name.endsWith(".dump"))!), dump);
  await Deno.chmod(directory, 0o711);
  await Deno.chmod(dump, 0o644);
  if (account) await Deno.chown(open, account.uid, account.gid);
  return { dump, cluster: join(open, "cluster") };
}
