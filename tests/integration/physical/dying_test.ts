import assert from "node:assert/strict";
import { startPgrehearse } from "../../support/pgrehearse.ts";
import { startPhysicalPrimary } from "../../support/physical_primary.ts";

/** Waits until nothing is left of runs whose temporary files were there: no file, and no process that speaks of it. */
async function leftIn(directory: string): Promise<string[]> {
  for (let tries = 0;; tries++) {
    const files = await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", `grep -lsF "$0" /proc/[0-9]*/cmdline | grep -v "/$$/" | tr -dc '0-9\\n'`, directory],
    }).output();
    // The shell above, and its grep, speak of it as well.
    const processes = new TextDecoder().decode(stdout).split("\n").filter((pid) => pid !== "");
    const running = [];
    for (const pid of processes) {
      const command = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
      if (command !== "") running.push(command.replaceAll("\0", " ").slice(-200));
    }
    if (files.length === 0 && running.length === 0 || tries > 100) return [...files, ...running];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test("physical drill: killed in any phase, it leaves nothing behind", async (t) => {
  await using primary = await startPhysicalPrimary();
  const sql = await primary.connect();
  await sql`CREATE TABLE public.orders AS SELECT n AS id FROM generate_series(1, 20000) AS n`;
  const base = await primary.backUp("base");
  await sql`INSERT INTO public.orders SELECT n FROM generate_series(1, 50000) AS n`;
  await sql.end();
  await primary.archiveAll();
  const temporary = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-dying-" });
  await Deno.chmod(temporary, 0o711);
  const args = ["drill", "--physical", base, "--wal-archive", primary.archive];
  try {
    for (const phase of ["find", "restore", "files", "recover", "look", "relations"]) {
      for (const signal of ["SIGKILL", "SIGTERM"] as const) {
        await t.step(`${signal} after ${phase}`, async () => {
          const run = startPgrehearse(args, { env: { TMPDIR: temporary } });
          await run.untilPhaseEnded(phase);
          run.kill(signal);
          await run.output();
          assert.deepEqual(await leftIn(temporary), []);
        });
      }
    }
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});
