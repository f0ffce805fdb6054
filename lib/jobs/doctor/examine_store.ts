import { resolve } from "node:path";
import { storeForbidden } from "../../storage/findings/stores.ts";
import { isS3Address, openStore } from "../../storage/open_store.ts";
import type { Store } from "../../storage/store.ts";
import { is } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Job } from "../../run/job.ts";
import { bucketExaminations } from "./examine_bucket.ts";
import { examineFreeSpace } from "./examine_host.ts";
import { type Examination, fail, pass, warn } from "./prerequisite.ts";

/** A store, and how to reach it. */
export interface StoreToExamine {
  address: string;
  region?: string;
  endpoint?: string;
}

/** What a store must allow. Where it cannot be reached, that is the one thing found about it. */
export async function openStoreExaminations(job: Job, asked: StoreToExamine): Promise<Examination[]> {
  const { address, ...options } = asked;
  try {
    // Without the job's signal: what the probe has written is removed also after an interruption.
    const store = await job.acquire("the store", () => openStore(address, options), (opened) => opened.close());
    const probe = `pgrehearse-probe-${crypto.randomUUID()}`;
    await store.stat(probe).catch((error) => {
      if (!is(error, storeForbidden)) throw error;
    });
    const writesAndReads = { name: "store_writes_and_reads", examine: () => examineProbe(job, store, probe) };
    if (isS3Address(address)) return [writesAndReads, ...await bucketExaminations(job, address, options)];
    return await directoryExaminations(resolve(address), writesAndReads);
  } catch (error) {
    return [{ name: "store", examine: () => Promise.reject(error) }];
  }
}

async function directoryExaminations(directory: string, writesAndReads: Examination): Promise<Examination[]> {
  const stat = await Deno.stat(directory).catch(() => undefined);
  if (stat === undefined) {
    const found = warn(
      `there is no directory ${directory}`,
      "Check the path, and whether it is mounted; a backup would make it, with mode 0700.",
    );
    return [{ name: "store", examine: () => Promise.resolve(found) }];
  }
  return [
    writesAndReads,
    {
      name: "store_free_space",
      examine: () => examineFreeSpace(directory, "Make room, or prune: a backup may need a quarter of its database."),
    },
    { name: "store_mode", examine: () => Promise.resolve(examineMode(directory, stat.mode ?? 0)) },
  ];
}

/** Dumps are 0600 in themselves; but who may write to the directory may replace them. */
function examineMode(directory: string, mode: number) {
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  const fix = `Close it: chmod 0700 ${directory}`;
  if (mode & 0o002) return fail(`everybody may write to ${directory} (${octal}), and so replace backups`, fix);
  if (mode & 0o005) return warn(`everybody may look into ${directory} (${octal})`, fix);
  return pass(`${directory} is not open to everybody (${octal})`);
}

/** Writes a file, reads it back, and removes it. */
async function examineProbe(job: Job, store: Store, name: string) {
  const bytes = crypto.getRandomValues(new Uint8Array(4096));
  let isThere = false;
  await job.acquire("the probe", () => Promise.resolve(), async () => {
    if (isThere) await store.remove(name);
  });
  isThere = true; // also when writing fails half-way
  await store.write(name, ReadableStream.from([bytes])).catch((error) => {
    isThere = false;
    throw error;
  });
  const read = await new Response(store.read(name)).bytes();
  try {
    await store.remove(name);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const left = `${store.address} takes and gives files, and the probe ${name} cannot be removed again`;
    return warn(left, `${error.fix} Backups work without; prune does not. Remove the probe by hand.`);
  } finally {
    isThere = false;
  }
  if (read.length === bytes.length && read.every((byte, place) => byte === bytes[place])) {
    return pass(`a file was written to ${store.address}, read back and removed`);
  }
  return fail(
    `${store.address} gave back other bytes than it was given`,
    "Do not trust this store, or what lies between, before the reason is known.",
  );
}
