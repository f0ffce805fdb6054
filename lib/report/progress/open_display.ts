import { printable } from "../printable.ts";
import { liveLines } from "./live_lines.ts";
import { plainLines } from "./plain_lines.ts";
import type { ProgressDisplay } from "./progress_display.ts";
import type { Terminal } from "./terminal.ts";

export interface DisplayOptions {
  /** Show nothing at all. */
  quiet: boolean;
  /** Show phases; without them there are messages only. */
  phases: boolean;
  /** Never redraw a line. */
  plain: boolean;
}

/** Chooses how a run is shown: bars where lines can be drawn anew, else plain lines. */
export function openDisplay(terminal: Terminal, { quiet, phases, plain }: DisplayOptions): ProgressDisplay {
  if (quiet) return { isMeasured: false, show() {}, say() {}, end() {} };
  const display = !phases
    ? messagesOnly(terminal)
    : terminal.canRedraw && !plain
    ? liveLines(terminal)
    : plainLines(terminal);
  return {
    ...display,
    // Messages name what is in a database; a phase's amounts come often, and are numbers.
    show: (progress) => display.show(progress.kind === "measured" ? progress : printable(progress)),
    say: (text) => display.say(printable(text)),
  };
}

function messagesOnly({ write }: Terminal): ProgressDisplay {
  return {
    isMeasured: false,
    show(progress) {
      if (progress.kind === "message") write(`  ${progress.message}\n`);
    },
    say: (text) => write(`${text}\n`),
    end() {},
  };
}
