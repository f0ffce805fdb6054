/** How much of a line is kept. */
const lineLimit = 8_192;

/**
 * Reads text to its end, and hands on each line, or the beginning of one that is very long.
 *
 * @throws What the signal was aborted with.
 */
export async function readTextLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream(), { signal })) {
    const lines = text.split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop()!.slice(0, lineLimit);
    for (const line of lines) onLine(line.slice(0, lineLimit).replace(/\r$/, ""));
  }
  if (rest !== "") onLine(rest);
}
