import type { Restored } from "../../verdict/verdict.ts";
import type { Job } from "../../run/job.ts";

/** A job as one of its parts sees it. */
export interface PartOfJob {
  job: Job;
  /** What the part has recorded about its backup so far. */
  restored(): Partial<Restored>;
}

/** The parts of a job on several databases; where there is only one, nothing needs a name in front. */
export function partsOfJob(job: Job, databases: readonly string[]): Map<string, PartOfJob> {
  const isOnly = databases.length === 1;
  return new Map(databases.map((name) => [name, isOnly ? onlyPartOfJob(job) : partOfJob(job, name)]));
}

/**
 * The same job for one of several databases: what it times, asserts and finds bears the database's name, and what it
 * records about its backup is kept apart.
 */
export function partOfJob(job: Job, part: string): PartOfJob {
  const own: Partial<Restored> = {};
  const named = <T extends { message: string }>(each: T) => ({ ...each, message: `${part}: ${each.message}` });
  return {
    restored: () => own,
    job: {
      ...keepingBackup(job, own),
      phase: (name, work) => job.phase(`${part}/${name}`, work),
      expect: (name, compared, ...findings) => job.expect(`${part}/${name}`, compared, ...findings.map(named)),
      assert: (...assertions) => job.assert(...assertions.map((each) => ({ ...each, name: `${part}/${each.name}` }))),
      find: (...findings) => job.find(...findings.map(named)),
      leaveOpen: (...findings) => job.leaveOpen(...findings.map(named)),
      note: (...notes) => job.note(...notes.map(named)),
      say: (message) => job.say(`${part}: ${message}`),
    },
  };
}

function onlyPartOfJob(job: Job): PartOfJob {
  const own: Partial<Restored> = {};
  return { restored: () => own, job: keepingBackup(job, own) };
}

function keepingBackup(job: Job, own: Partial<Restored>): Job {
  return {
    ...job,
    record({ backup, proof, compared, covers, ...others }) {
      Object.assign(own, {
        ...(backup && { backup }),
        ...(proof && { proof }),
        ...(compared && { compared }),
        ...(covers && { covers }),
      });
      job.record(others);
    },
  };
}
