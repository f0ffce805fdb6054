import { dirname, join } from "node:path";

/**
 * The directories that programs of PostgreSQL need besides the system's own: where they lie, and what their installation
 * keeps beside that, wherever it was put.
 */
export async function installationOf(...programs: string[]): Promise<string[]> {
  const real = await Promise.all(programs.map((program) => Deno.realPath(program)));
  const directories = new Set([...programs, ...real].map(dirname));
  const candidates = [...directories].flatMap((bin) => [
    bin,
    ...beside.map((name) => join(dirname(bin), name)),
    ...debianLayout(bin),
  ]);
  const present = await Promise.all(
    candidates.map((path) => Deno.stat(path).then(({ isDirectory }) => isDirectory ? [path] : [], () => [])),
  );
  return [...new Set(present.flat())];
}

const beside = ["lib", "lib64", "share"];

/** Debian's packages, unpacked below a separate directory, keep what is shared and libpq further away. */
function debianLayout(bin: string): string[] {
  const [, top, major] = /^(.*)\/lib\/postgresql\/(\d+)\/bin$/.exec(bin) ?? [];
  return top === undefined ? [] : [join(top, "share", "postgresql", major), join(top, "lib")];
}
