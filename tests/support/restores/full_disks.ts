import { join } from "node:path";
import { approvedInPlace, approvedSwap, orders, type RestoreGround } from "./ground.ts";
import { requireRestoredOrUntouched, requireUntouched } from "./requirements.ts";
import type { Situation } from "./situation.ts";

const ways = { "by a swap": approvedSwap, "in place": approvedInPlace };

/** A disk that is too small, or becomes so. Mounting takes root. */
export const fullDisks: Situation[] = Object.entries(ways).flatMap(([way, how]) =>
  ([
    {
      name: `a safety store on too small a disk, ${way}`,
      attempt: (ground) =>
        onDisk(ground, 1, async (disk) => {
          const args = ["--latest", ...how(), "--safety-store", disk];
          await requireUntouched(ground, await ground.restore(args), "SAFETY_BACKUP_FAILED");
        }),
    },
    {
      name: `a disk that the safety backup fills, ${way}`,
      attempt: (ground) =>
        onDisk(ground, 11, async (disk) => {
          await fill(ground);
          const args = ["--latest", ...how(), "--safety-store", disk];
          await requireUntouched(ground, await ground.restore(args), "SAFETY_BACKUP_FAILED");
        }),
    },
    {
      name: `the store's own disk, which the safety backup fills, ${way}`,
      attempt: (ground) =>
        onDisk(ground, 11, async (disk) => {
          await fill(ground);
          await new Deno.Command("cp", { args: ["-a", `${ground.store}/.`, disk] }).output();
          const output = await ground.restore(["--latest", ...how(), "--from", disk]);
          await requireUntouched(ground, output, "SAFETY_BACKUP_FAILED");
        }),
    },
    {
      name: `a store's disk without a byte left, ${way}`,
      attempt: (ground) =>
        onDisk(ground, 1, async (disk) => {
          await new Deno.Command("cp", { args: ["-a", `${ground.store}/.`, disk] }).output();
          await takeAll(disk);
          await requireUntouched(ground, await ground.restore(["--latest", ...how(), "--from", disk]));
        }),
    },
    {
      name: `TMPDIR without a byte left, ${way}`,
      attempt: (ground) =>
        onDisk(ground, 1, async (disk) => {
          await takeAll(disk);
          const output = await ground.restore(["--latest", ...how()], { TMPDIR: disk });
          await requireRestoredOrUntouched(ground, output, orders.second);
        }),
    },
  ] satisfies Situation[]).map((each) => ({ ...each, isPossible: () => Promise.resolve(Deno.uid() === 0) }))
);

/** Gives the target rows that do not compress: its dump takes more than the quarter that must be free. */
async function fill({ server }: RestoreGround): Promise<void> {
  const sql = await server.connect("shop");
  await sql`CREATE TABLE ballast AS SELECT sha512(n::text::bytea) AS v FROM generate_series(1, 200000) AS n`;
  await sql.end();
}

async function onDisk(
  { directory }: RestoreGround,
  sizeMb: number,
  work: (disk: string) => Promise<void>,
): Promise<void> {
  const disk = join(directory, "disk");
  await Deno.mkdir(disk);
  const { success } = await new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", `size=${sizeMb}m,mode=1777`, "none", disk],
  }).output();
  if (!success) throw new Error("a container that may not mount");
  try {
    await work(disk);
  } finally {
    await new Deno.Command("umount", { args: [disk] }).output();
  }
}

async function takeAll(disk: string): Promise<void> {
  const file = await Deno.open(join(disk, "ballast"), { write: true, create: true });
  try {
    for (;;) await file.write(new Uint8Array(64 * 1024));
  } catch {
    // Full.
  } finally {
    file.close();
  }
}
