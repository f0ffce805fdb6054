import { phaseLine } from "./progress.ts";
import { type RunningPhase, shareDone, wordsOf } from "./running_phase.ts";
import type { Terminal } from "./terminal.ts";

const widestBar = 30;
const narrowestBar = 10;

/** So much of what a bar leaves belongs to the text, however short that is: a bar that changes its size flickers. */
const textWidth = 42;

/** A phase under way on one line: its name, a bar, and as much of the rest as there is room for. */
export function liveLine(
  phase: RunningPhase,
  terminal: Pick<Terminal, "columns" | "hasUnicode">,
  nowMs: number,
): string {
  // The last column stays free: a line that fills it wraps in some terminals.
  const width = (terminal.columns() ?? 80) - 1;
  const share = shareDone(phase);
  const parts = wordsOf(phase, nowMs);
  const name = phaseLine(phase.name, "");
  const room = width - name.length;
  if (share === undefined) return cut(name + fitting(parts, room), width);
  const size = Math.max(narrowestBar, Math.min(widestBar, room - textWidth - 2));
  const text = fitting(parts, room - size - 2);
  if (text === "") return cut(name + fitting(parts, room), width);
  return cut(`${name}${bar(share, size, terminal.hasUnicode)}  ${text}`, width);
}

function bar(share: number, size: number, hasUnicode: boolean): string {
  const full = Math.floor(share * size);
  const [done, left] = hasUnicode ? ["█", "░"] : ["#", "-"];
  return done.repeat(full) + left.repeat(size - full);
}

/** As many parts as fit, the first ones first; the last of them may be cut if enough of it can be read. */
function fitting(parts: string[], room: number): string {
  let text = "";
  for (const part of parts) {
    const longer = text === "" ? part : `${text}  ${part}`;
    if (longer.length <= room) text = longer;
    else {
      const isReadable = room - text.length >= 14;
      return isReadable && part === parts.at(-1) ? cut(longer, room) : text;
    }
  }
  return text;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
