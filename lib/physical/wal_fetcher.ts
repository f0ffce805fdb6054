import { join } from "node:path";
import { makeFifos, run, stream } from "../system/child_process.ts";
import type { Account } from "../system/child_process.ts";
import { readTextLines } from "../system/text_lines.ts";
import { restoreCommandFailed } from "./findings/recovery.ts";
import fetchScript from "./fetch_wal.sh" with { type: "text" };
import { parseWalName, segmentName, smallestSegmentBytes } from "./wal_name.ts";

/** What a command prints that found a partial segment only. */
const saysPartial = ".partial\n";

/** What a command prints that found the file, and could not copy or unpack it. */
export const saysUnread = ".unread\n";

/** What fetches a WAL file: the operator's command, run as ourselves, outside of any sandbox. */
export interface FetchCommand {
  /** As `restore_command` has it. */
  command: string;
  env: Record<string, string>;
  signal?: AbortSignal;
}

/** One file that was asked for. */
export interface Fetched {
  name: string;
  got: boolean;
  /** Whether it is what a standby left of the segment when it was promoted. */
  isPartial: boolean;
  /** Why a file that is there could not be copied or unpacked, where that is known. */
  unread?: string;
  sizeBytes: number;
  /** How long whoever asked waited for it. */
  ms: number;
}

/**
 * Runs a `restore_command` for one file.
 *
 * @throws {OperatorError} `RESTORE_COMMAND_FAILED` where it did not even look: not found, not executable, or killed.
 */
export async function fetchWal(
  { command, env, signal }: FetchCommand,
  name: string,
  to: string,
): Promise<Fetched> {
  const started = performance.now();
  const filled = command.replaceAll(/%([fpr%])/g, (_, key: string) => {
    return { f: name, p: to, r: "0".repeat(24), "%": "%" }[key]!;
  });
  await Deno.remove(to).catch(() => {});
  const { status, stdout, stderr } = await run("/bin/sh", ["-c", filled], { env, signal });
  if (status > 125) throw restoreCommandFailed.error({ status, said: stderr.trim() });
  const size = status === 0 ? await Deno.stat(to).then(({ size }) => size, () => undefined) : undefined;
  return {
    name,
    got: size !== undefined,
    isPartial: stdout === saysPartial,
    ...(stdout === saysUnread && { unread: stderr.trim() }),
    sizeBytes: size ?? 0,
    ms: performance.now() - started,
  };
}

/** Answers what a server in a sandbox asks for. */
export interface WalFetcher {
  /** The `restore_command` of that server. */
  readonly restoreCommand: string;
  close(): Promise<void>;
}

/**
 * Starts to answer. While the server replays a segment, the next one is fetched already.
 *
 * @param directory Not there yet; made in one that only we write to. The account may read what is in it.
 * @param onFetched Told of every file that was asked for, whether there or not.
 * @param onFailure Told once, why nothing can be fetched at all.
 */
export async function startWalFetcher(
  directory: string,
  fetch: FetchCommand,
  { account, segmentBytes, onFetched, onFailure }: {
    account?: Account;
    segmentBytes: number;
    onFetched: (fetched: Fetched) => void;
    onFailure: (error: unknown) => void;
  },
): Promise<WalFetcher> {
  const path = (name: string) => join(directory, name);
  const share = async (name: string, mode: number) => {
    if (account) await Deno.chown(path(name), null, account.gid);
    await Deno.chmod(path(name), mode);
  };
  await Deno.mkdir(directory, { mode: 0o700 });
  await Deno.writeTextFile(path("fetch"), fetchScript);
  await makeFifos([path("request"), path("answer")]);
  await share("request", 0o660);
  await Promise.all(["answer", "fetch"].map((name) => share(name, 0o640)));
  await share("", 0o750);
  const over = new AbortController();
  // Open at both ends: neither we nor the server wait for the other to open it.
  const answers = await Deno.open(path("answer"), { read: true, write: true });
  const { stdout, ended } = stream("/bin/sh", ["-c", 'exec 3<>"$1"; exec cat <&3', "sh", path("request")], {
    env: {},
    signal: over.signal,
  });
  let ahead: Promise<Fetched | undefined> | undefined;
  /** The command never runs twice at a time: not every tool is made for that. */
  const take = async (name: string): Promise<Fetched> => {
    const started = performance.now();
    const fetched = await ahead;
    if (fetched?.name !== name || !fetched.got) return await fetchWal(fetch, name, path("file"));
    ahead = undefined;
    await Deno.rename(path("ahead"), path("file"));
    return { ...fetched, ms: performance.now() - started };
  };
  let last: Promise<void> = Promise.resolve();
  const answer = async (line: string) => {
    // Whoever wrote it may be anybody in the sandbox.
    const [, asked, name] = /^(\d{1,10}) ([0-9A-F.a-z]{1,64})$/.exec(line) ?? [];
    if (asked === undefined || over.signal.aborted) return;
    const fetched = parseWalName(name, smallestSegmentBytes) ? await take(name) : undefined;
    if (fetched?.got) await share("file", 0o640);
    if (fetched) onFetched(fetched);
    await answers.write(new TextEncoder().encode(`${asked} ${fetched?.got ? "got" : "missed"}\n`));
    const next = fetched?.got && !fetched.isPartial ? nextSegment(name, segmentBytes) : undefined;
    // What it cannot fetch, or finds missing, is asked for again when the server wants it.
    if (next !== undefined) ahead = fetchWal(fetch, next, path("ahead")).catch(() => undefined);
  };
  const reading = readTextLines(stdout, (line) => {
    last = last.then(() => answer(line)).catch((error) => {
      if (!over.signal.aborted) onFailure(error);
    });
  });
  return {
    restoreCommand: `/bin/sh "${path("fetch")}" "${directory}" "%f" "%p"`,
    async close() {
      over.abort();
      await ended.catch(() => {});
      await reading.catch(() => {});
      await last;
      await ahead;
      answers.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function nextSegment(name: string, segmentBytes: number): string | undefined {
  const file = parseWalName(name, segmentBytes);
  if (file?.kind !== "segment") return undefined;
  const { timeline, number } = file.segment;
  return segmentName({ timeline, number: number + 1 }, segmentBytes);
}
