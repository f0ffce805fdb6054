import { stream } from "./child_process.ts";
import { diskFull, dumpUnreadable } from "./findings.ts";
import { type OperatorError, reasonOf } from "./operator_error.ts";

/** Whether a path means something that a shell has opened for us: `<(zcat x.gz)`, `/dev/stdin`. */
export function isPipe(path: string): boolean {
  return /^(?:\/dev\/stdin|(?:\/dev|\/proc\/self)\/fd\/\d+)$/.test(path);
}

/**
 * Copies what is piped in into a new file of mode 0600, to its end, or as far as there is room.
 *
 * @throws {OperatorError} `DISK_FULL`, `DUMP_UNREADABLE`.
 */
export async function copyPiped(path: string, to: string, signal: AbortSignal): Promise<void> {
  using file = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
  for await (const piece of open(path, signal)) {
    for (let rest: Uint8Array = piece; rest.length > 0;) {
      const written = await file.write(rest).catch((error: Error) => Promise.reject(cannotCopy(path, error)));
      rest = rest.subarray(written);
    }
  }
}

async function* open(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  if (/^(?:\/dev\/stdin|.*\/fd\/0)$/.test(path)) {
    const input = Deno.stdin.readable.getReader();
    const stop = () => void input.cancel().catch(() => {});
    signal.addEventListener("abort", stop);
    try {
      for (let next; !(next = await input.read()).done;) yield next.value;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    signal.throwIfAborted();
    return;
  }
  // Its number is ours; a child has it, too. /proc/self would be the child's own.
  const running = stream("cat", [path.replace(/^.*\//, "/dev/fd/")], { env: { LC_ALL: "C" }, signal });
  running.ended.catch(() => {}); // heard below
  yield* running.stdout;
  const { status, stderr } = await running.ended;
  if (status !== 0) throw cannotCopy(path, new Error(stderr.trim().split("\n").at(-1)));
}

function cannotCopy(path: string, error: Error): OperatorError {
  const isFull = /os error (28|122)\b/.test(error.message); // ENOSPC, EDQUOT
  const finding = isFull ? diskFull.copying : dumpUnreadable.piped;
  return finding.error({ path, reason: reasonOf(error) }, { cause: error });
}
