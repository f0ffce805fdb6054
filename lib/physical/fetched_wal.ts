import type { OperatorError } from "../system/operator_error.ts";
import { walMissing, walUnusable } from "./findings/recovery.ts";
import type { Fetched } from "./wal_fetcher.ts";
import { parseWalName, smallestSegmentBytes } from "./wal_name.ts";

/** So often in a row a server asks for the same before it is clear that nothing else comes. */
export const isSure = 3;

/** The WAL that a server asked for, and what came of it. */
export class FetchedWal {
  /** Segments that came, each once. */
  segments = 0;
  sizeBytes = 0;
  /** How long the fetching took, of what came and what did not. */
  ms = 0;
  /** The newest segment that came. */
  newest?: string;
  /** How often anything was asked for. */
  asked = 0;
  #got = new Set<string>();
  /** What was asked for since the last segment came that was new. */
  #since = new Map<string, { fetched: Fetched; times: number }>();

  constructor(readonly segmentBytes: number) {}

  add(fetched: Fetched): void {
    this.asked++;
    this.ms += fetched.ms;
    // Whether there is a newer timeline is asked all the time.
    if (parseWalName(fetched.name, smallestSegmentBytes)?.kind !== "segment") return;
    if (fetched.got && !this.#got.has(fetched.name)) {
      this.#since.clear();
      this.#got.add(fetched.name);
      this.segments++;
      this.sizeBytes += fetched.sizeBytes;
      this.newest = fetched.name;
    }
    const times = (this.#since.get(fetched.name)?.times ?? 0) + 1;
    this.#since.set(fetched.name, { fetched, times });
  }

  /** Whether the server asks again and again for what is not there, or for what it cannot use. */
  isAtEnd(): boolean {
    return [...this.#since.values()].some(({ times }) => times >= isSure);
  }

  /** The segment without which it does not go on: the newest timeline's, where several were asked for. */
  stuckAt(): Fetched | undefined {
    return [...this.#since.values()].filter(({ times }) => times >= isSure).map(({ fetched }) => fetched)
      .sort((a, b) => a.name < b.name ? 1 : -1)[0];
  }

  /** Why the segment that was asked for last does not lead on; `undefined` where it is only the end of the archive. */
  problem(
    { backup, log, isConsistent, lsn, at }: {
      backup: string;
      log: string;
      isConsistent: boolean;
      lsn?: string;
      at?: string;
    },
  ): OperatorError | undefined {
    const last = this.stuckAt();
    if (!last || last.isPartial) return undefined;
    if (last.unread !== undefined) return walUnusable.unread.error({ segment: last.name, said: last.unread, lsn, at });
    if (!last.got) {
      return isConsistent ? undefined : walMissing.backup.error({ backup, segment: last.name });
    }
    const said = last.sizeBytes === this.segmentBytes
      ? [...log.matchAll(/^\S+ LOG: +(.*(?:\n\t.*)*)/gm)].map(([, message]) => message)
        .findLast((message) => unusable.test(message)) ?? "the server finds no valid record in it"
      : `it has ${last.sizeBytes} bytes, and not ${this.segmentBytes}`;
    return walUnusable.content.error({ segment: last.name, said, lsn, at });
  }
}

/** How servers say that a page of the WAL, or a record, is not the one that should be there. */
const unusable =
  /WAL file is from|unexpected (?:pageaddr|timeline)|out-of-sequence timeline|invalid (?:magic number|info bits|record|resource manager|block_id|contrecord)|incorrect (?:prev-link|resource manager data checksum)|record with|contrecord|there is no contrecord flag|unexpected end of/;
