import { join } from "node:path";
import { signatureSuffix } from "../../evidence/signature.ts";
import type { DumpFile } from "../../manifest/manifest.ts";
import { readArchiveHeader } from "../../postgres/archive_header.ts";
import { dumpDatabase, streamDump } from "../../postgres/pg_dump.ts";
import { acquireStore, acquireWorkspace, type Job } from "../../run/job.ts";
import { addressIn, dumpSuffix, encryptedSuffix, manifestSuffix } from "../../storage/backup_name.ts";
import { bodyOf, type Store } from "../../storage/store.ts";
import { writeDumpFile } from "../../storage/write_backup.ts";
import { countingBytes } from "../../system/amount.ts";
import { filesAt, sizeOf, summed } from "../../system/checksums.ts";
import { ensureDirectory } from "../../system/files.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { claimNameInBucket, claimNameInDirectory } from "./claim_name.ts";
import { checksumsRefused } from "./findings/dumps.ts";
import type { DumpSink, SinkOptions } from "./dump_sink.ts";

/** Holds the table of contents of any dump seen: 20,000 tables take 20 MB. */
const headBytes = 64 * 1024 * 1024;

/**
 * Into a bucket, or encrypted: pg_dump's output goes straight into the store, hashed and encrypted on the way, and never
 * lies on a disk here but for its beginning. A dump in directory format is made in a workspace first, and then goes file
 * by file, several at a time.
 */
export async function openStoredSink(job: Job, wanted: string, options: SinkOptions): Promise<DumpSink> {
  const { to, format, jobs, recipients = [] } = options;
  const workspace = await acquireWorkspace(job);
  const store = await acquireStore(job, to, options.store ?? {});
  const name = store.localPath
    ? await ensureDirectory(to).then(() => claimNameInDirectory(job, to, wanted)).then(({ name }) => name)
    : await claimNameInBucket(job, store, wanted);
  const written = new Set<string>();
  let isPublished = false;
  const takeBack = async () => {
    for (const path of [...written].reverse()) await store.remove(path); // the manifest first
    written.clear();
  };
  await job.acquire("the unfinished dump", () => Promise.resolve(), async () => {
    if (!isPublished && written.size > 0) await takeBack();
  });

  const write = async (path: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<DumpFile> => {
    written.add(recipients.length > 0 ? path + encryptedSuffix : path);
    return await writeDumpFile(store, path, body, { recipients, signal });
  };
  const local = join(workspace.path, format === "custom" ? "head" : "dump");
  let streamed: DumpFile | undefined;
  return {
    stored: addresses(store, name),
    listable: local,
    async dump(parameters, dumpOptions) {
      if (format === "directory") return await dumpDatabase(parameters, local, { jobs, ...dumpOptions, format });
      let said = "";
      const dump = withReturnValue(streamDump(parameters, dumpOptions), (value) => said = value);
      streamed = await write(name + dumpSuffix, keepingHead(dump, local), dumpOptions.signal);
      return said;
    },
    async discard() {
      await takeBack();
      await Deno.remove(local, { recursive: true }).catch(() => {});
    },
    async finish(measure) {
      const onSent = countingBytes(measure, await sizeOf(local));
      const send = async (below: string) => {
        const { body } = summed(await openFile(join(local, below)), onSent);
        return await write(join(name + dumpSuffix, below), body, job.signal);
      };
      const files = streamed ? [streamed] : await inParallel(await filesAt(local), jobs, send);
      return { files, header: await readArchiveHeader(local) };
    },
    addPart: (suffix, content) => write(name + suffix, ReadableStream.from([content]), job.signal),
    async publish(manifest, signature) {
      const texts = [[name + manifestSuffix + signatureSuffix, signature], [name + manifestSuffix, manifest]] as const;
      for (const [file, text] of texts) {
        if (text === undefined) continue;
        written.add(file); // a request that was interrupted may have arrived
        await store.write(file, bodyOf(text));
      }
      isPublished = true;
      if (store.refusesChecksums?.()) job.note(checksumsRefused({ store: store.address }));
    },
    async withdraw() {
      await takeBack();
    },
  };
}

function addresses({ address }: Store, name: string) {
  return {
    name,
    dumpPath: addressIn(address, name + dumpSuffix),
    manifestPath: addressIn(address, name + manifestSuffix),
  };
}

async function openFile(path: string): Promise<ReadableStream<Uint8Array>> {
  return (await Deno.open(path, { read: true })).readable;
}

/** Passes a stream on, and keeps as much of its beginning in a file as a table of contents can need. */
async function* keepingHead(body: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 });
  let kept = 0;
  for await (const chunk of body) {
    const head = chunk.subarray(0, headBytes - kept);
    for (let done = 0; done < head.length;) done += await file.write(head.subarray(done));
    kept += head.length;
    yield chunk;
  }
}

async function* withReturnValue<Item, Value>(
  generator: AsyncGenerator<Item, Value>,
  onReturn: (value: Value) => void,
): AsyncGenerator<Item> {
  onReturn(yield* generator);
}
