import { redact } from "../../system/redact.ts";
import { appLogMatched } from "./findings/programs.ts";
import type { Job } from "../../run/job.ts";

/** Looks at a log for lines that must not be there, while it is written. */
export interface LogWatch {
  see: (line: string) => void;
  /** Says what was found since it was last asked. */
  report(): void;
}

/** How much of a line is shown. */
const shownLength = 500;

/** @param patterns Regular expressions. */
export function watchLog(job: Job, name: string, patterns: readonly string[]): LogWatch {
  const watched = patterns.map((pattern) => ({
    pattern,
    regex: new RegExp(pattern, "u"),
    count: 0,
    firstLine: "",
    isReported: false,
  }));
  return {
    see(line) {
      for (const watch of watched) {
        if (!watch.regex.test(line)) continue;
        if (watch.count++ === 0) watch.firstLine = line;
      }
    },
    report() {
      for (const watch of watched.filter(({ count, isReported }) => count > 0 && !isReported)) {
        watch.isReported = true;
        const line = redact(watch.firstLine).slice(0, shownLength);
        job.find(appLogMatched({ name, pattern: watch.pattern, line }));
      }
    },
  };
}
