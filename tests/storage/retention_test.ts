import assert from "node:assert/strict";
import * as fc from "fast-check";
import { defaultPolicy, planRetention, type RetainedBackup } from "../../lib/storage/retention.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const hour = 3_600_000;

function made(hoursIn: number, more: Partial<RetainedBackup> = {}): RetainedBackup {
  const database = more.database ?? "shop";
  return {
    name: `${database}-${hoursIn}`,
    database,
    takenAt: new Date(start + hoursIn * hour),
    isFinished: true,
    isWhole: true,
    hasPassedDrill: false,
    ...more,
  };
}

const keptNames = (backups: RetainedBackup[], policy = defaultPolicy) =>
  planRetention(backups, policy).filter(({ reasons }) => reasons.length > 0).map(({ backup }) => backup.name);

Deno.test("retention: keeps the newest of each of the last days, weeks and months that have one", () => {
  const everySixHours = Array.from({ length: 4 * 120 }, (_, i) => made(i * 6));
  assert.deepEqual(keptNames(everySixHours, { keepDaily: 3 }), ["shop-2874", "shop-2850", "shop-2826"]);
  const days = (policy: object) =>
    planRetention(everySixHours, policy).filter(({ reasons }) => reasons.length > 0)
      .map(({ backup }) => backup.takenAt.toISOString().slice(0, 10));
  // The last is of Thursday, 30 April 2026; weeks end on Sundays.
  assert.deepEqual(days({ keepWeekly: 3 }), ["2026-04-30", "2026-04-26", "2026-04-19"]);
  assert.deepEqual(days({ keepMonthly: 9 }), ["2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31"]);
  assert.equal(keptNames(everySixHours, { keepLast: 7 }).length, 7);
  assert.equal(keptNames(everySixHours).length, 30);
});

Deno.test("retention: days without a backup do not count", () => {
  const backups = [made(0), made(24 * 100), made(24 * 200)];
  assert.equal(keptNames(backups, { keepDaily: 3 }).length, 3);
});

const backup = fc.record({
  hours: fc.integer({ min: 0, max: 24 * 800 }),
  database: fc.constantFrom("shop", "crm"),
  isFinished: fc.boolean(),
  isWhole: fc.boolean(),
  hasPassedDrill: fc.boolean(),
});
const store = fc.array(backup, { maxLength: 60 }).map((all) =>
  all.map(({ hours, ...more }, i) => ({ ...made(hours, more), name: `${more.database}-${hours}-${i}` }))
);
const number = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined, freq: 1 });
const policy = fc.record({ keepLast: number, keepDaily: number, keepWeekly: number, keepMonthly: number });

Deno.test("retention: never the newest, never the newest whole one, never the newest that passed a drill, never what is not finished", () => {
  fc.assert(
    fc.property(store, policy, (backups, policy) => {
      const kept = new Set(keptNames(backups, policy));
      assert.equal(planRetention(backups, policy).length, backups.length);
      for (const { name, isFinished } of backups) assert.ok(isFinished || kept.has(name));
      for (const database of ["shop", "crm"]) {
        const finished = backups.filter((one) => one.isFinished && one.database === database);
        const whole = finished.filter(({ isWhole }) => isWhole);
        for (const some of [finished, whole, finished.filter(({ hasPassedDrill }) => hasPassedDrill)]) {
          const newest = Math.max(...some.map(({ takenAt }) => takenAt.getTime()));
          if (some.length === 0) continue;
          assert.ok(some.some(({ name, takenAt }) => takenAt.getTime() === newest && kept.has(name)));
        }
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("retention: a longer policy keeps no less, and what it kept is kept again the next time", () => {
  fc.assert(fc.property(store, policy, (backups, policy) => {
    const kept = new Set(keptNames(backups, policy));
    const longer = new Set(keptNames(backups, { ...policy, keepDaily: (policy.keepDaily ?? 0) + 5 }));
    for (const name of kept) assert.ok(longer.has(name));
    const left = backups.filter(({ name }) => kept.has(name));
    assert.deepEqual(new Set(keptNames(left, policy)), kept);
  }));
});

Deno.test("retention: one database's backups never decide about another's", () => {
  fc.assert(fc.property(store, policy, (backups, policy) => {
    const together = new Set(keptNames(backups, policy));
    const apart = ["shop", "crm"].flatMap((database) =>
      keptNames(backups.filter((one) => one.database === database), policy)
    );
    assert.deepEqual(new Set(apart), together);
  }));
});
