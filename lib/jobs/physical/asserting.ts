import type { Job } from "../../run/job.ts";

/** Records whether work came to its end; what it threw says why not. */
export async function asserting(job: Job, name: string, work: () => Promise<void>): Promise<void> {
  let ok = false;
  try {
    await work();
    ok = true;
  } finally {
    job.expect(name, { expected: true, actual: ok });
  }
}
