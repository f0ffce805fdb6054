import { endLine, phaseLine, type ProgressDisplay } from "./progress_display.ts";
import { noteAmount, partsOf, type RunningPhase, startPhase } from "./running_phase.ts";
import type { Terminal } from "./terminal.ts";

const betweenLinesMs = 30_000;

/**
 * For logs: a line when a phase starts, one when it ends, and every 30 seconds one that says how far it has come.
 *
 * @param everyMs Another time than 30 seconds.
 */
export function plainLines({ write }: Pick<Terminal, "write">, everyMs = betweenLinesMs): ProgressDisplay {
  const running = new Map<string, RunningPhase>();
  const say = (text: string) => write(`${text}\n`);
  const timer = setInterval(() => {
    const now = performance.now();
    for (const phase of running.values()) say(phaseLine(phase.name, partsOf(phase, now).join(" · ")));
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
