import type { RestoreGround } from "./ground.ts";

/** A restore as it may happen at three in the morning. */
export interface Situation {
  name: string;
  /** Whether this machine can bring it about. @default {yes} */
  isPossible?(): Promise<boolean>;
  /** Throws unless the right database has the right rows afterwards, or nothing was touched and the status says so. */
  attempt(ground: RestoreGround): Promise<void>;
}
