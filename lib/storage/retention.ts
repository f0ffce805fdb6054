/** Which backups are kept; of each database, and at least one of these must be said. */
export interface RetentionPolicy {
  /** How many of the newest. */
  keepLast?: number;
  /** The newest of each of the last so many days (UTC) that have one. */
  keepDaily?: number;
  /** The newest of each of the last so many weeks, Monday to Sunday. */
  keepWeekly?: number;
  keepMonthly?: number;
}

/** Thirty days of dailies. */
export const defaultPolicy: RetentionPolicy = { keepDaily: 30 };

/** A backup, as far as retention looks at it. */
export interface RetainedBackup {
  name: string;
  database: string;
  takenAt: Date;
  /** There is a dump, and a manifest that can be read. What is not finished is kept. */
  isFinished: boolean;
  /** Nothing is known to be wrong with it: not cut short, and no failed drill. */
  isWhole: boolean;
  hasPassedDrill: boolean;
}

/** What to do with a backup. */
export interface RetentionDecision<Backup extends RetainedBackup> {
  backup: Backup;
  /** Why it is kept; empty means that it goes. */
  reasons: string[];
}

/**
 * Decides which backups go. Never the newest of a database, never the newest whole one, never the newest that passed a
 * drill, never one that is not finished: what that is, only its maker knows.
 *
 * What is broken takes nobody's place: the policy is followed among the whole ones, too, as if there were no others.
 *
 * @returns A decision for each backup, newest first.
 */
export function planRetention<Backup extends RetainedBackup>(
  backups: readonly Backup[],
  policy: RetentionPolicy,
): RetentionDecision<Backup>[] {
  const newestFirst = backups.toSorted((a, b) =>
    b.takenAt.getTime() - a.takenAt.getTime() || (a.name < b.name ? 1 : -1)
  );
  const decisions = newestFirst.map((backup) => ({ backup, reasons: backup.isFinished ? [] : ["not_finished"] }));
  for (const ofOneDatabase of Map.groupBy(decisions, ({ backup }) => backup.database).values()) {
    decide(ofOneDatabase.filter(({ backup }) => backup.isFinished), policy);
  }
  return decisions;
}

function decide(newestFirst: RetentionDecision<RetainedBackup>[], policy: RetentionPolicy): void {
  newestFirst[0]?.reasons.push("newest");
  const wholeOnes = newestFirst.filter(({ backup }) => backup.isWhole);
  if (wholeOnes[0] !== newestFirst[0]) wholeOnes[0]?.reasons.push("newest_whole");
  newestFirst.find(({ backup }) => backup.hasPassedDrill)?.reasons.push("newest_that_passed_a_drill");
  const rules: [reason: string, count: number | undefined, periodOf: (at: Date, index: number) => unknown][] = [
    ["last", policy.keepLast, (_, index) => index],
    ["daily", policy.keepDaily, (at) => at.toISOString().slice(0, 10)],
    ["weekly", policy.keepWeekly, weekOf],
    ["monthly", policy.keepMonthly, (at) => at.toISOString().slice(0, 7)],
  ];
  for (const [reason, count = 0, periodOf] of rules) {
    for (const some of [newestFirst, wholeOnes]) {
      const periods = new Set<unknown>();
      some.forEach(({ backup, reasons }, index) => {
        const period = periodOf(backup.takenAt, index);
        if (periods.size >= count || periods.has(period)) return;
        periods.add(period);
        if (!reasons.includes(reason)) reasons.push(reason);
      });
    }
  }
}

/** Weeks since one that began on a Monday: 1969-12-29. */
function weekOf(at: Date): number {
  return Math.floor((at.getTime() / 86_400_000 + 3) / 7);
}
