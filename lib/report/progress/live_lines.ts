import { liveLine } from "./live_line.ts";
import { endLine, type ProgressDisplay } from "./progress.ts";
import { noteAmount, type RunningPhase, startPhase } from "./running_phase.ts";
import type { Terminal } from "./terminal.ts";

/** As much of cli-progress as is used here; it comes without types. */
interface MultiBar {
  create(total: number, value: number, payload: RunningPhase): Bar;
  remove(bar: Bar): void;
  log(text: string): void;
  update(): void;
  stop(): void;
}
type Bar = object;

/** Most runs' first phases are over by then: nothing is loaded, and nothing flickers. */
const firstDrawnMs = 300;
const drawnPerSecond = 10;

const eraseToEnd = "\x1b[K";

/** For a terminal: the phases under way, each on its own line at the bottom, drawn anew ten times a second. */
export function liveLines(terminal: Terminal): ProgressDisplay {
  const running = new Map<string, { phase: RunningPhase; bar?: Bar }>();
  let bars: MultiBar | undefined;
  let isOver = false;

  const say = (text: string) => {
    if (bars) bars.log(text.split("\n").map((line) => `${line}${eraseToEnd}\n`).join(""));
    else terminal.write(`${text}\n`);
  };
  const draw = async () => {
    if (running.size === 0) return waitToDraw();
    const made = await openBars(terminal);
    if (isOver) return;
    bars = made;
    for (const shown of running.values()) shown.bar = bars.create(1, 0, shown.phase);
  };
  let timer: ReturnType<typeof setTimeout>;
  const waitToDraw = () => {
    timer = setTimeout(() => void draw(), firstDrawnMs);
  };
  waitToDraw();

  return {
    isMeasured: true,
    show(progress) {
      if (progress.kind === "message") say(`  ${progress.message}`);
      else if (progress.kind === "phase_started") {
        const phase = startPhase(progress.name, performance.now());
        running.set(progress.name, { phase, bar: bars?.create(1, 0, phase) });
      } else if (progress.kind === "measured") {
        const phase = running.get(progress.name)?.phase;
        if (phase) noteAmount(phase, progress.amount, performance.now());
      } else {
        const bar = running.get(progress.phase.name)?.bar;
        running.delete(progress.phase.name);
        say(endLine(progress));
        if (bar) bars?.remove(bar);
      }
    },
    say,
    end() {
      isOver = true;
      clearTimeout(timer);
      bars?.update(); // what was said last
      bars?.stop();
      bars = undefined;
    },
  };
}

/** The cursor stays visible and the terminal's modes as they are: a run that is killed must not leave them changed. */
async function openBars(terminal: Terminal): Promise<MultiBar> {
  const { MultiBar } = await import("cli-progress");
  return new MultiBar({
    stream: {
      isTTY: true,
      get columns() {
        return terminal.columns() ?? 80;
      },
      write: (text: string, done?: () => void) => {
        terminal.write(text);
        done?.();
        return true;
      },
    },
    fps: drawnPerSecond,
    linewrap: true, // ours are cut to the width: nothing to switch off
    forceRedraw: true, // what is said moves them down
    clearOnComplete: true,
    format: (_options: unknown, _params: unknown, phase: RunningPhase) => liveLine(phase, terminal, performance.now()),
  });
}
