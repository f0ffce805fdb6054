import { resolve } from "node:path";
import { storeForbidden } from "../../storage/findings/stores.ts";
import { isS3Address, openStore } from "../../storage/open_store.ts";
import type { Store } from "../../storage/store.ts";
import { is } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Job } from "../../run/job.ts";
import { bucketExaminations } from "./examine_bucket.ts";
import { examineFreeSpace } from "./examine_host.ts";
import { littleStoreSpace, probeWrong, storeMissing, storeOpen } from "./findings/stores.ts";
import { type Examination, pass } from "./prerequisite.ts";

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
    const writesAndReads: Examination = {
      name: "store_writes_and_reads",
      examine: () => examineProbe(job, store, probe),
    };
    if (isS3Address(address)) return [writesAndReads, ...await bucketExaminations(job, address, options)];
    return await directoryExaminations(resolve(address), writesAndReads);
  } catch (error) {
    return [{ name: "store", examine: () => Promise.reject(error) }];
  }
}

async function directoryExaminations(directory: string, writesAndReads: Examination): Promise<Examination[]> {
  const stat = await Deno.stat(directory).catch(() => undefined);
  if (stat === undefined) return [{ name: "store", examine: () => Promise.resolve(storeMissing({ directory })) }];
  return [
    writesAndReads,
    {
      name: "store_free_space",
      examine: () => examineFreeSpace(directory, littleStoreSpace),
    },
    { name: "store_mode", examine: () => Promise.resolve(examineMode(directory, stat.mode ?? 0)) },
  ];
}

/** Who may look into the directory, and who may write to it. */
function examineMode(directory: string, mode: number) {
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  if (mode & 0o002) return storeOpen.toWriters({ directory, mode: octal });
  if (mode & 0o005) return storeOpen.toReaders({ directory, mode: octal });
  return pass(`${directory} is closed to other accounts (${octal}).`);
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
    return probeWrong.left({ store: store.address, probe: name, fix: error.fix });
  } finally {
    isThere = false;
  }
  if (read.length === bytes.length && read.every((byte, place) => byte === bytes[place])) {
    return pass(`a file was written to ${store.address}, read back and removed.`);
  }
  return probeWrong.altered({ store: store.address });
}
