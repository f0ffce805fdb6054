import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import { type Figure, timePair } from "./measure.ts";
import { runCommand, runProgram } from "./program.ts";

/** `smoke` against the same steps done by bare tools in a shell script. */
export async function smoke(): Promise<Figure[]> {
  const server = await findServerTools();
  const client = await findClientTools(server.major);
  const script = await Deno.readTextFile(new URL("./bare_smoke.sh", import.meta.url));
  // The account that runs the server need not be able to read this checkout.
  const migrations = await Deno.makeTempDir();
  for (const name of ["0001_audit_chain.sql", "0002_verify_chain.sql"]) {
    await Deno.copyFile(fileURLToPath(new URL(`../../migrations/${name}`, import.meta.url)), `${migrations}/${name}`);
  }
  await Deno.chmod(migrations, 0o755);
  const args = ["-c", script, "bare_smoke", dirname(server.postgres), dirname(client.pgDump), migrations];
  const account = await ownAccount();
  try {
    const { ours, floor, ratio } = await timePair(
      () => runProgram(["smoke", "--quiet"]),
      () => runCommand("/bin/sh", args, { cwd: "/", uid: account?.uid, gid: account?.gid }),
      { runs: 9 },
    );
    return [
      { what: "`smoke` / the same steps by bare tools", measured: `${ratio.toFixed(2)}×`, asked: "≤ 1.3×" },
      { what: "`smoke`", measured: `${(ours / 1000).toFixed(2)} s`, asked: "≤ 2.5 s" },
      { what: "the same steps by bare tools", measured: `${(floor / 1000).toFixed(2)} s`, asked: "" },
    ];
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
}
