import { dirname } from "node:path";
import { pages } from "./pages.ts";

const root = dirname(dirname(import.meta.dirname!));
for (const { path, text } of await pages(root)) {
  await Deno.writeTextFile(`${root}/${path}`, text);
  console.error(path);
}
