import { configurationPage } from "./configuration.ts";
import { findingsPage } from "./findings.ts";

/** Every page that is written out of the sources, laid out as `deno fmt` does. */
export async function pages(root: string): Promise<{ path: string; text: string }[]> {
  return await Promise.all([
    { path: "docs/configuration.md", text: await configurationPage(root) },
    { path: "docs/findings.md", text: findingsPage() },
  ].map(async ({ path, text }) => ({ path, text: await laidOut(root, text) })));
}

async function laidOut(root: string, text: string): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", `${root}/deno.json`, "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  });
  const child = command.spawn();
  const [{ success, stdout }] = await Promise.all([child.output(), new Blob([text]).stream().pipeTo(child.stdin)]);
  if (!success) throw new Error("deno fmt could not lay out a page");
  return new TextDecoder().decode(stdout);
}
