import { printable } from "../printable.ts";
import { liveLines } from "./live_lines.ts";
import { endLine, phaseLine, type ProgressDisplay } from "./progress.ts";
import { noteAmount, type RunningPhase, startPhase, wordsOf } from "./running_phase.ts";
import type { Terminal } from "./terminal.ts";

interface DisplayOptions {
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

const betweenLinesMs = 30_000;

/**
 * For logs: a line when a phase starts, one when it ends, and every 30 seconds one that says how far it has come.
 *
 * @param everyMs A time that differs from 30 seconds.
 */
export function plainLines({ write }: Pick<Terminal, "write">, everyMs = betweenLinesMs): ProgressDisplay {
  const running = new Map<string, RunningPhase>();
  const say = (text: string) => write(`${text}\n`);
  const timer = setInterval(() => {
    const now = performance.now();
    for (const phase of running.values()) say(phaseLine(phase.name, wordsOf(phase, now).join(" · ")));
  }, everyMs);
  return {
    isMeasured: true,
    show(progress) {
      if (progress.kind === "message") say(`  ${progress.message}`);
      else if (progress.kind === "phase_started") {
        running.set(progress.name, startPhase(progress.name, performance.now()));
        say(phaseLine(progress.name, "started"));
      } else if (progress.kind === "measured") {
        const phase = running.get(progress.name);
        if (phase) noteAmount(phase, progress.amount, performance.now());
      } else {
        running.delete(progress.phase.name);
        say(endLine(progress));
      }
    },
    say,
    end: () => clearInterval(timer),
  };
}
