/** One line of the table. */
export interface Figure {
  /** `flips caught / tried` */
  what: string;
  done: number;
  tried: number;
  /** What else is worth knowing of it. */
  remark?: string;
}

/** Tells as it goes what was tried and what failed. */
export interface Tally {
  /** Counts one trial; whatever it throws is told, and counts as failed. */
  try(name: string, trial: () => Promise<unknown>): Promise<void>;
  figure(what: string, remark?: string): Figure;
}

export function startTally(): Tally {
  let [done, tried] = [0, 0];
  return {
    async try(name, trial) {
      tried++;
      try {
        await trial();
        done++;
      } catch (error) {
        console.error(`NOT ${name}: ${error instanceof Error ? error.message : error}`);
      }
    },
    figure: (what, remark) => ({ what, done, tried, remark }),
  };
}

/** Works through a list, two at a time: the machine this is for has two cores. */
export async function twoAtATime<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  await Promise.all([1, 2].map(async () => {
    for (let item; (item = rest.shift()) !== undefined;) await work(item);
  }));
}
