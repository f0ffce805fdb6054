import { join } from "node:path";
import { run } from "../system/child_process.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import { makeWorkspace } from "../system/workspace.ts";

/**
 * Where a backup is restored to and its server runs: a workspace of ours, in it a directory of the server's account and
 * one that only we write to, through which it gets its WAL. Goes when it is closed, and when this process dies in any way.
 */
export interface RestoreSpace {
  readonly path: string;
  /** The server's: its socket, its log, its configuration, and what follows. */
  readonly cluster: string;
  readonly data: string;
  readonly tablespaces: string;
  /** Ours; its account may read. */
  readonly wal: string;
  /** Ours alone: the sandbox does not see it. */
  readonly socket: string;
  /** Gives what was restored to the server's account. */
  handOver(): Promise<void>;
  close(): Promise<void>;
}

/** Makes one, empty. */
export async function makeRestoreSpace({ account }: Sandbox): Promise<RestoreSpace> {
  const { path, close } = await makeWorkspace();
  const [cluster, wal, socket] = ["cluster", "wal", "socket"].map((name) => join(path, name));
  const [data, tablespaces] = ["data", "tablespaces"].map((name) => join(cluster, name));
  try {
    for (const directory of [cluster, data, tablespaces, wal, socket]) await Deno.mkdir(directory, { mode: 0o700 });
    if (account) {
      for (const directory of [path, wal]) {
        await Deno.chown(directory, null, account.gid);
        await Deno.chmod(directory, directory === path ? 0o710 : 0o750);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    path,
    cluster,
    data,
    tablespaces,
    wal,
    socket,
    close,
    async handOver() {
      if (!account) return;
      const { status, stderr } = await run("chown", ["-R", "-h", `${account.uid}:${account.gid}`, cluster], {
        env: {},
      });
      if (status !== 0) throw new Error(`chown: ${stderr}`);
    },
  };
}
