import { join } from "node:path";
import { nobody } from "../ordinary_user.ts";
import type { Attack, AttackGround } from "./attack.ts";

// A configuration, and programs of PostgreSQL's names, that lie where the program looks.

const programs = ["pg_dump", "pg_restore", "initdb", "postgres", "psql", "pg_ctl"];

async function plant({ directory, marks }: AttackGround): Promise<{ place: string; bin: string }> {
  const place = join(directory, "planted");
  const bin = join(place, "bin");
  await Deno.mkdir(bin, { recursive: true });
  for (const name of programs) {
    await Deno.writeTextFile(join(bin, name), `#!/bin/sh\ntouch ${marks}/program\n`, { mode: 0o755 });
  }
  const command = ["/bin/sh", "-c", `touch ${marks}/command`];
  const config = { databases: { shop: {} }, store: place, pg_bin: bin, steps: [{ name: "x", command: { command } }] };
  await Deno.writeTextFile(join(place, "pgrehearse.jsonc"), JSON.stringify(config), { mode: 0o644 });
  // Neither of root nor of any account that is attacked.
  await new Deno.Command("chown", { args: ["-R", `${nobody - 1}:${nobody - 1}`, place] }).output();
  await Deno.chmod(place, 0o1777);
  return { place, bin };
}

export const plantedConfigurations: Attack[] = [
  ...["drill", "backup", "doctor", "status", "history"].map((command): Attack => ({
    name: `another account's configuration in the working directory: ${command}`,
    async attempt(ground) {
      const { place } = await plant(ground);
      const { status, verdict } = await ground.run([command], { cwd: place });
      if (status !== 2 || verdict.findings[0]?.code !== "CONFIG_NOT_TRUSTED") {
        throw new Error(`it ended with ${status}, ${verdict.findings[0]?.code}`);
      }
    },
  })),
  {
    name: "another account's programs, by --pg-bin",
    async attempt(ground) {
      const { bin } = await plant(ground);
      const { status, verdict } = await ground.run(["smoke", "--pg-bin", bin]);
      if (status !== 2 || verdict.findings[0]?.code !== "PROGRAM_NOT_TRUSTED") {
        throw new Error(`it ended with ${status}`);
      }
    },
  },
];
