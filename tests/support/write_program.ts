/**
 * Writes a file that can be run. Another process does the writing: a program that any test of this process starts just
 * then would hold our open file a moment longer, and to run a file that a process may still write is "text file busy".
 */
export async function writeProgram(path: string, content: string | Uint8Array): Promise<void> {
  const child = new Deno.Command("sh", {
    args: ["-c", 'cat >"$1" && chmod 755 "$1"', "sh", path],
    stdin: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  await writer.close();
  if (!(await child.status).success) throw new Error(`cannot write ${path}`);
}
