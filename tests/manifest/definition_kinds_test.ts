import assert from "node:assert/strict";
import { definitionKinds } from "../../lib/manifest/definitions/kinds.ts";
import { root } from "../support/source_files.ts";

Deno.test("definitions: the list of kinds has every kind that the queries give, and no other", async () => {
  const folder = `${root}/lib/manifest/definitions`;
  const kinds = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".sql")) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, a, b] of text.matchAll(/'(\w+)' AS kind|(?<=SELECT\s+)'(\w+)',/g)) kinds.add(a ?? b);
    for (const [, branches] of text.matchAll(/CASE ((?:(?!CASE|END)[^])*) END AS kind/g)) {
      for (const [, kind] of branches.matchAll(/(?:THEN|ELSE) '(\w+)'/g)) kinds.add(kind);
    }
  }
  assert.deepEqual([...definitionKinds], [...kinds].sort());
});
