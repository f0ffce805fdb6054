import { readRegular } from "../../system/regular_file.ts";

/** How the characters of a plain dump are stored. */
type TextForm = "bytes" | "utf-16le" | "utf-16be";

/** Tells it by a dump's first bytes: PowerShell's `>` writes UTF-16, with or without a byte-order mark. */
export function textFormOf(head: Uint8Array): TextForm {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const characters = head.length >> 1;
  if (characters < 8) return "bytes";
  const zeros = [0, 0];
  for (let at = 0; at < characters * 2; at++) if (head[at] === 0) zeros[at % 2]++;
  if (zeros[1] > characters * 0.9 && zeros[0] === 0) return "utf-16le";
  if (zeros[0] > characters * 0.9 && zeros[1] === 0) return "utf-16be";
  return "bytes";
}

/** Reads a plain dump, without a byte-order mark, UTF-16 as UTF-8. */
export async function* readDumpText(path: string): AsyncGenerator<Uint8Array, void> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  const encoder = new TextEncoder();
  for await (const piece of readRegular(path)) {
    let bytes = piece;
    if (isFirst) {
      const form = textFormOf(bytes.subarray(0, 512));
      if (form !== "bytes") decoder = new TextDecoder(form);
      else if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
      isFirst = false;
    }
    yield decoder ? encoder.encode(decoder.decode(bytes, { stream: true })) : bytes;
  }
  if (decoder) yield encoder.encode(decoder.decode());
}
