/** A directory for one test's temporary files, so that whatever a run leaves there is found. */
export interface TraceableDirectory extends AsyncDisposable {
  readonly path: string;
  /**
   * Waits until nothing is left in the directory and no process mentions it, for 10 s at most.
   *
   * @returns What is still there: file names and command lines. Empty is good.
   */
  traces(): Promise<string[]>;
}

/** Makes a directory that every account may use, as /tmp is. */
export async function traceableDirectory(): Promise<TraceableDirectory> {
  const path = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-" });
  await Deno.chmod(path, 0o1777);
  return {
    path,
    async traces() {
      for (const deadline = Date.now() + 10_000;;) {
        const found = [...await namesIn(path), ...await processesNaming(path)];
        if (found.length === 0 || Date.now() > deadline) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function namesIn(path: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
}

/** Lists the command lines of processes that mention a path. */
export async function processesNaming(path: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(path));
}
