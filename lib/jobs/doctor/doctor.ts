import type { Verdict } from "../../verdict/verdict.ts";
import { connectToServer, type NamedDatabaseOptions } from "../named_database.ts";
import type { Job } from "../job.ts";
import { runJob } from "../run_job.ts";
import { databaseExaminations } from "./examine_database.ts";
import { hostExaminations } from "./examine_host.ts";
import { openStoreExaminations, type StoreToExamine } from "./examine_store.ts";
import { type Examination, examineAll } from "./prerequisite.ts";

/** What to look at besides this host. */
export interface DoctorOptions extends NamedDatabaseOptions {
  store?: StoreToExamine;
  pgBin?: string;
}

/** Looks at every prerequisite of backups and drills, and says what to do about those that are missing. */
export function doctor(options: DoctorOptions): Promise<Verdict> {
  return runJob("doctor", options, async (job) => {
    const namesDatabase = options.dbUrl !== undefined || options.env.DATABASE_URL !== undefined;
    const examinations: Examination[] = [
      ...hostExaminations(options),
      ...(namesDatabase ? await openDatabase(job, options) : []),
      ...(options.store ? await openStoreExaminations(job, options.store) : []),
    ];
    const prerequisites = await job.phase(
      "examine",
      () => examineAll(examinations, ({ name, state, message }) => job.say(`${state.padEnd(5)} ${name}: ${message}`)),
    );
    job.record({ prerequisites, proof: "checked" });
    for (const { name, state, message, fix } of prerequisites) {
      job.assertEqual(name, true, state !== "fail");
      if (state === "pass") continue;
      job.find({
        code: `PREREQUISITE_${name.toUpperCase()}`,
        message: `${message[0].toUpperCase()}${message.slice(1).replace(/\.$/, "")}.`,
        fix: fix!,
        ...(state === "warn" && { severity: "warning" as const }),
      });
    }
  });
}

/** Where the database cannot be reached, that is the one thing found about it. */
async function openDatabase(job: Job, options: DoctorOptions): Promise<Examination[]> {
  try {
    const { sql, server } = await connectToServer(job, options);
    job.record({ postgres: { server: server.version, target: "named" } });
    return databaseExaminations(sql, options);
  } catch (error) {
    return [{ name: "connection", examine: () => Promise.reject(error) }];
  }
}
