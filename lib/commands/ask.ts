import { untilAborted } from "../system/timer.ts";
import { print } from "./command.ts";

/** A question on the terminal. */
interface Question<T> {
  text: string;
  /** Taken where nothing is typed; shown in brackets if it is not empty. */
  default: string;
  /** Throws, in a sentence, if the answer is none. */
  parse: (answer: string) => T;
}

/**
 * Asks on stderr, as stdout belongs to the verdict, until the answer is one. At the end of the input, Ctrl+D, the default
 * counts.
 *
 * @param signal Ends the asking: rejects.
 */
export async function ask<T>({ text, default: fallback, parse }: Question<T>, signal: AbortSignal): Promise<T> {
  while (true) {
    print(Deno.stderr, fallback === "" ? text : `${text} [${fallback}]`);
    const line = await untilAborted(readLine(), signal);
    try {
      return parse(line?.trim() || fallback);
    } catch (error) {
      if (line === undefined) throw error;
      print(Deno.stderr, (error as Error).message);
    }
  }
}

/** A terminal hands over a line at a time. */
async function readLine(): Promise<string | undefined> {
  const buffer = new Uint8Array(4096);
  const size = await Deno.stdin.read(buffer);
  return size === null ? undefined : new TextDecoder().decode(buffer.subarray(0, size));
}
