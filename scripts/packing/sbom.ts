/** Prints the software bill of materials. What only tests and scripts import is not part of the program, nor of this. */
import project from "../../deno.json" with { type: "json" };

interface Lock {
  /** From what is imported, `npm:zod@4.6.7`, to a version: `4.6.7`, with its peers behind `_`. */
  specifiers: Record<string, string>;
  /** By name and version; dependencies name their version where the lock holds several. */
  npm: Record<string, { integrity: string; dependencies?: string[]; optionalDependencies?: string[] }>;
}

interface Graph {
  modules: { dependencies?: { code?: { specifier: string } }[] }[];
}

const root = new URL("../../", import.meta.url);
const lock: Lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", root)));
const packages = await packagesOfProgram();

const deno = `pkg:github/denoland/deno@v${Deno.version.deno}`;

console.log(JSON.stringify(
  {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": "pgrehearse",
        name: "pgrehearse",
        version: project.version,
        licenses: [{ license: { id: project.license } }],
      },
    },
    components: [
      { type: "platform", "bom-ref": deno, name: "deno", version: Deno.version.deno, purl: deno },
      ...[...packages.keys()].map(describePackage),
    ],
    dependencies: [
      { ref: "pgrehearse", dependsOn: [deno, ...(await importedPackages()).map(purl)] },
      ...[...packages].map(([key, dependencies]) => ({ ref: purl(key), dependsOn: dependencies.map(purl) })),
    ],
  },
  null,
  2,
));

/** Finds every package that the program imports, itself or through another, each with those it depends on. */
async function packagesOfProgram(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const visit = (key: string) => {
    if (found.has(key)) return;
    const { dependencies = [], optionalDependencies = [] } = lock.npm[key];
    const keys = [...dependencies, ...optionalDependencies].map(keyOf);
    found.set(key, keys);
    keys.forEach(visit);
  };
  (await importedPackages()).forEach(visit);
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

/** Lists the packages that the program's own modules import. */
async function importedPackages(): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", new URL("main.ts", root).pathname],
    cwd: root,
    stderr: "inherit",
  }).output();
  if (!success) Deno.exit(1);
  const { modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const names = modules.flatMap(({ dependencies = [] }) =>
    dependencies.flatMap(({ code }) => code?.specifier.match(/^npm:\/?((@[^/]+\/)?[^/]+)/)?.[1] ?? [])
  );
  return [...new Set(names)].sort().map((name) => `${name.replace(/(?<=.)@.*/, "")}@${lock.specifiers[`npm:${name}`]}`);
}

/** Finds a dependency's place in the lock, which leaves out the version where there is only one. */
function keyOf(dependency: string): string {
  const key = Object.keys(lock.npm).find((key) => key === dependency || key.startsWith(`${dependency}@`));
  if (!key) throw new Error(`deno.lock holds no ${dependency}.`);
  return key;
}

function describePackage(key: string) {
  const [algorithm, digest] = lock.npm[key].integrity.split("-");
  const hex = [...atob(digest)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  const { name, version } = parts(key);
  const hashes = [{ alg: algorithm.toUpperCase().replace("SHA", "SHA-"), content: hex }];
  return { type: "library", "bom-ref": purl(key), name, version, purl: purl(key), hashes };
}

function purl(key: string): string {
  const { name, version } = parts(key);
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function parts(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  return { name: key.slice(0, at), version: key.slice(at + 1).split("_")[0] };
}
