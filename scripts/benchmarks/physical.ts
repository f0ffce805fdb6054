import { join } from "node:path";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import { segmentName, segmentStart } from "../../lib/physical/wal_name.ts";
import { lsnText } from "../../lib/physical/lsn.ts";
import { setUpPgBackRest } from "../../tests/support/backup_tools.ts";
import { findProgram } from "../../tests/support/find_program.ts";
import { type PhysicalPrimary, startPhysicalPrimary } from "../../tests/support/physical_primary.ts";
import { type Figure, ratioFigure, seconds, timePair } from "./measure.ts";
import { peakMemoryBytes, runCommand, runProgram, verdictOfProgram } from "./program.ts";

const segments = 20_000;
const settings = [
  "shared_buffers=256MB",
  "min_wal_size=80MB",
  "max_wal_size=16GB",
  "checkpoint_timeout=1h",
  "autovacuum=on",
];

/**
 * A cluster under load is backed up and recovered to its newest point, against the bare programs; and what a look at many
 * segments takes.
 *
 * @param megabytes How large the cluster is.
 */
export async function physical(megabytes: number): Promise<Figure[]> {
  await using primary = await startPhysicalPrimary({ segmentMegabytes: 16, settings });
  return [...await windows(primary), ...await recoveries(primary, megabytes)];
}

async function recoveries(primary: PhysicalPrimary, megabytes: number): Promise<Figure[]> {
  const { archive, directory, bin } = primary;
  const at = ["-h", join(directory, "socket"), "-U", "postgres"];
  await primary.run("pgbench", ...at, "-i", "-q", "-s", String(Math.ceil(megabytes / 15)), "postgres");
  // It writes before, during and after the backup, which needs all of that to be consistent.
  const load = primary.run("pgbench", ...at, "-n", "-c", "4", "-T", String(20 + megabytes / 50), "postgres");
  const base = await primary.backUp("base", "--wal-method=none");
  await load;
  await primary.archiveAll();
  const sql = await primary.connect();
  const [{ size }] = await sql<{ size: string }[]>`SELECT pg_database_size('postgres') AS size`;
  await sql.end();
  await primary.stop();
  const wal = (await Array.fromAsync(Deno.readDir(archive))).length;
  const account = await ownAccount();
  const place = join(directory, "bare");
  const script = await Deno.readTextFile(new URL("./bare_recovery.sh", import.meta.url));
  const bare = (step: string, ...args: string[]) =>
    runCommand("/bin/sh", ["-c", script, "bare_recovery", step, place, bin, ...args], {
      cwd: directory,
      uid: account?.uid,
      gid: account?.gid,
    });
  const drill = (
    verify: string,
  ) => ["drill", "--quiet", "--verify", verify, "--physical", base, "--wal-archive", archive];
  const env = { TMPDIR: directory };
  const { recovery, findings } = await verdictOfProgram(drill("quick"), { env });
  if (recovery?.stopped_at !== "end") throw new Error(JSON.stringify(findings));
  const lsn = recovery.reached_lsn!;
  const runs = megabytes > 1_000 ? 1 : 3;
  const remove = () => bare("remove");
  const quick = await timePair(
    () => runProgram(drill("quick"), { env }),
    () => bare("make", base, archive, lsn),
    { runs, tidy: remove },
  );
  const standard = await timePair(
    () => runProgram(drill("standard"), { env }),
    () => bare("make", base, archive, lsn).then(() => bare("check", base)),
    { runs, tidy: remove },
  );
  const peak = await peakMemoryBytes(drill("standard"));
  const what = `${(Number(size) / 1e9).toFixed(1)} GB and ${wal} segments`;
  return [
    ratioFigure(`\`drill --physical --verify quick\` of ${what} / \`cp\` and bare replay`, quick, "≤ 1.1×"),
    ratioFigure(`\`drill --physical\` of the same / these and the bare checks`, standard, "≤ 1.1×"),
    { what: "peak memory of that drill", measured: `${Math.round(peak / 1e6)} MB`, asked: "≤ 200 MB" },
  ];
}

/** `recovery-window` over an archive that is mostly names: it reads no more than those. */
async function windows(primary: PhysicalPrimary): Promise<Figure[]> {
  const base = await primary.backUp("small", "--wal-method=none");
  await primary.archiveAll();
  const names = (await Array.fromAsync(Deno.readDir(primary.archive), ({ name }) => name))
    .filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
  const first = parseInt(names.at(-1)!.slice(16), 16) + 1;
  const many = Array.from({ length: segments }, (_, index) => segmentName({ timeline: 1, number: first + index }));
  const archive = join(primary.directory, "many");
  await Deno.mkdir(archive);
  for (const name of names) await Deno.copyFile(join(primary.archive, name), join(archive, name));
  for (const name of many) {
    await Deno.writeFile(join(archive, name), new Uint8Array());
    await Deno.truncate(join(archive, name), 16 * 1024 * 1024);
  }
  const end = lsnText(segmentStart(first + segments));
  const inDirectory = await timePair(
    () => window(["--physical", base, "--wal-archive", archive], end),
    () => runCommand("/bin/sh", ["-c", `ls -l "$1"`, "sh", archive]),
  );
  await Deno.remove(archive, { recursive: true });
  const figures: Figure[] = [{
    what: `\`recovery-window\` of ${segments.toLocaleString("en")} segments in a directory`,
    measured: seconds(inDirectory.ours),
    asked: "≤ 3 s",
  }];
  if (await findProgram("pgbackrest") === undefined) return figures;
  await using tool = await setUpPgBackRest(primary);
  await tool.run("backup", "--type=full");
  await primary.archiveAll();
  await tool.caughtUp();
  const repository = join(tool.directory, "repo/archive/main/15-1");
  const next = parseInt((await newestIn(repository)).slice(16, 24), 16) + 1;
  for (let number = next; number < next + segments; number++) {
    const name = segmentName({ timeline: 1, number });
    const directory = join(repository, name.slice(0, 16));
    await Deno.mkdir(directory, { recursive: true });
    await Deno.writeTextFile(join(directory, `${name}-${"0123456789abcdef".repeat(3).slice(0, 40)}.gz`), "packed");
  }
  const list = [`--config=${tool.config}`, "repo-ls", "archive/main", "--recurse", "--output=json"];
  const inRepository = await timePair(
    () =>
      window(
        ["--physical", "pgbackrest:main", "--pgbackrest-config", tool.config],
        lsnText(segmentStart(next + segments)),
      ),
    () => runCommand("pgbackrest", list),
  );
  return [
    ...figures,
    ratioFigure("the same in a pgBackRest repository / `pgbackrest repo-ls --recurse`", inRepository, "≤ 2×"),
  ];
}

async function newestIn(repository: string): Promise<string> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(repository)) {
    if (!isDirectory) continue;
    for await (const file of Deno.readDir(join(repository, name))) names.push(file.name);
  }
  return names.filter((name) => /^[0-9A-F]{24}-/.test(name)).sort().at(-1)!;
}

/** Runs it, and sees that it did look at all of them. */
async function window(args: string[], end: string): Promise<void> {
  const { recovery_window, findings } = await verdictOfProgram(["recovery-window", "--quiet", ...args]);
  if (recovery_window?.newest?.lsn !== end) {
    throw new Error(`not ${end}: ${JSON.stringify([recovery_window, findings])}`);
  }
}
