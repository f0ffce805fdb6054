import { dirname, join } from "node:path";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";

/** A primary and a standby that streams from it, each reached over a Unix socket as superuser. */
export interface StandbyPair extends AsyncDisposable {
  primaryUrl(database?: string): string;
  standbyUrl(database?: string): string;
}

const settings = ["fsync=off", "full_page_writes=off", "wal_level=replica", "listen_addresses=", "hot_standby=on"];

/** Makes both in a temporary directory. A throwaway cluster cannot serve: it writes no WAL for a standby. */
export async function startStandbyPair(): Promise<StandbyPair> {
  const bin = dirname((await findServerTools()).postgres);
  const account = await ownAccount();
  const directory = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-standby-" });
  if (account) await Deno.chown(directory, account.uid, account.gid);
  const run = async (program: string, args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(join(bin, program), {
      args,
      cwd: directory,
      ...(account && { uid: account.uid, gid: account.gid }),
    }).output();
    if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stdout)}${new TextDecoder().decode(stderr)}`);
  };
  const start = (name: string) => {
    const options = [...settings, `unix_socket_directories=${join(directory, `${name}_socket`)}`];
    const args = ["start", "-w", "-s", "-D", join(directory, name), "-l", join(directory, `${name}.log`)];
    return run("pg_ctl", [...args, "-o", options.map((option) => `-c ${option}`).join(" ")]);
  };
  const url = (name: string, database: string) =>
    `postgresql://postgres@/${database}?host=${encodeURIComponent(join(directory, `${name}_socket`))}`;

  for (const name of ["primary", "standby"]) {
    await Deno.mkdir(join(directory, `${name}_socket`));
    if (account) await Deno.chown(join(directory, `${name}_socket`), account.uid, account.gid);
  }
  await run("initdb", [
    "-D",
    join(directory, "primary"),
    "-U",
    "postgres",
    "-A",
    "trust",
    "-N",
    "-E",
    "UTF8",
    "--locale=C",
  ]);
  await start("primary");
  const source = join(directory, "primary_socket");
  const copy = ["--wal-method=stream", "--checkpoint=fast", "--no-sync", "--write-recovery-conf"];
  await run("pg_basebackup", ["-h", source, "-U", "postgres", "-D", join(directory, "standby"), ...copy]);
  await start("standby");
  return {
    primaryUrl: (database = "postgres") => url("primary", database),
    standbyUrl: (database = "postgres") => url("standby", database),
    async [Symbol.asyncDispose]() {
      for (const name of ["standby", "primary"]) {
        await run("pg_ctl", ["stop", "-m", "immediate", "-s", "-D", join(directory, name)]).catch(() => {});
      }
      await Deno.remove(directory, { recursive: true });
    },
  };
}
