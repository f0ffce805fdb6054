import { drillPhysical } from "../../lib/jobs/physical/drill_physical.ts";
import type { PhysicalDrillOptions } from "../../lib/jobs/physical/physical_options.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";

/** Drills a physical backup in this process: many drills in the time that one program takes to start. */
export function runPhysicalDrill(
  physical: string,
  options: Partial<PhysicalDrillOptions> = {},
): Promise<Verdict> {
  return drillPhysical({
    signal: new AbortController().signal,
    onProgress: () => {},
    debug: true,
    timeoutMs: 120_000,
    env: Deno.env.toObject(),
    jobs: 2,
    target: { kind: "latest" },
    verify: "quick",
    ...options,
    physical,
  });
}

/** The codes of what a verdict found, warnings left out. */
export function codesOf({ findings }: Verdict): string[] {
  return findings.filter(({ severity }) => severity !== "warning").map(({ code }) => code);
}

/** Copies a directory, with links as they are. */
export async function copyOf(directory: string): Promise<string> {
  const to = await Deno.makeTempDir({ prefix: "pgr-copy-" });
  const { success } = await new Deno.Command("cp", { args: ["-a", `${directory}/.`, to] }).output();
  if (!success) throw new Error(`cp ${directory}`);
  return to;
}

/** Changes one byte of a file. */
export async function flipByte(path: string, at: number): Promise<void> {
  const file = await Deno.open(path, { read: true, write: true });
  const byte = new Uint8Array(1);
  await file.seek(at, Deno.SeekMode.Start);
  await file.read(byte);
  byte[0] ^= 0x41;
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(byte);
  file.close();
}

/** The names of an archive's segments, in order. */
export async function segmentsOf(archive: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(archive), ({ name }) => name);
  return names.filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
}
