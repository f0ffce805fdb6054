import type { Verdict } from "../../verdict/verdict.ts";
import { connectToServer, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { Job } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Config } from "../../config/read_config.ts";
import type { ConfiguredOptions } from "../configured.ts";
import { databaseExaminations } from "./examine_database.ts";
import { hostExaminations } from "./examine_host.ts";
import { openStoreExaminations, type StoreToExamine } from "./examine_store.ts";
import { type Examination, examineAll } from "./prerequisite.ts";

/** What to look at besides this host. */
interface DoctorOptions extends NamedDatabaseOptions, ConfiguredOptions {
  store?: StoreToExamine;
  pgBin?: string;
}

/** Looks at every prerequisite of backups and drills, and says what to do about those that are missing. */
export function doctor(options: DoctorOptions): Promise<Verdict> {
  return runJob("doctor", options, async (job) => {
    const examinations: Examination[] = [
      ...hostExaminations(options),
      ...await openDatabases(job, options, options.config),
      ...(options.store ? await openStoreExaminations(job, options.store) : []),
    ];
    const examined = await job.phase(
      "examine",
      () => examineAll(examinations, (found) => job.say(`${found.state.padEnd(5)} ${nameOf(found)}: ${found.message}`)),
    );
    job.record({ prerequisites: examined.map(({ prerequisite }) => prerequisite), proof: "checked" });
    for (const { prerequisite, finding } of examined) {
      const compared = { expected: true, actual: prerequisite.state !== "fail" };
      job.expect(nameOf(prerequisite), compared, ...finding ? [finding] : []);
    }
  });
}

/** The database that was named, or every one of the configuration's. */
async function openDatabases(job: Job, options: DoctorOptions, config?: Config): Promise<Examination[]> {
  if (options.dbUrl !== undefined || !config) {
    const namesDatabase = options.dbUrl !== undefined || options.env.DATABASE_URL !== undefined;
    return namesDatabase ? await openDatabase(job, options) : [];
  }
  const all = Object.entries(config.databases).map(async ([object, { url }]) =>
    (await openDatabase(job, { ...options, dbUrl: url })).map((examination) => ({ ...examination, object }))
  );
  return (await Promise.all(all)).flat();
}

function nameOf({ name, object }: { name: string; object?: string }): string {
  return object === undefined ? name : `${object}/${name}`;
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
