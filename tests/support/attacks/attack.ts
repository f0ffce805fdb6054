import type { Outcome } from "../pgrehearse.ts";
import type { TestServer } from "../server.ts";

/** Where attacks are tried: a server that stands for production, and one account that runs the program. */
export interface AttackGround extends AsyncDisposable {
  /** Its superuser takes the backups; the role `app` owns the schema `app` of the databases that attacks make. */
  readonly server: TestServer;
  /** An empty directory of this attack: what appears in it was done with rights that the attacker does not have. */
  readonly marks: string;
  /** For files of this attack. */
  readonly directory: string;
  /** Whether the program runs as root, which reaches the server's socket. */
  readonly isRoot: boolean;
  /** Runs the program as the account that is attacked. */
  run(args: string[], options?: RunOptions): Promise<Outcome>;
  /** Lets the attacked account read and write a file or directory. */
  give(path: string): Promise<void>;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** @default {120_000} */
  timeoutMs?: number;
}

/** Something that another person wrote, and that must get no right that its author did not have. */
export interface Attack {
  name: string;
  /**
   * Whether what it starts acts only when the run is long over.
   * @default {false}
   */
  outlives?: boolean;
  /**
   * Whether it needs the server's socket, which only root reaches; as another account it is not tried.
   * @default {false}
   */
  needsRoot?: boolean;
  /** Plants it, lets the program meet it, and throws if it got through. What appears in `marks` is looked for afterwards. */
  attempt(ground: AttackGround): Promise<void>;
}

/** What an attack starts waits so long before it leaves its mark. */
export const outlivedAfterSeconds = 2;

/** Tries one attack, and throws if it got through. */
export async function withstand({ attempt, outlives }: Attack, ground: AttackGround): Promise<void> {
  await attempt(ground);
  if (outlives) await new Promise((resolve) => setTimeout(resolve, outlivedAfterSeconds * 1500));
  const found = await Array.fromAsync(Deno.readDir(ground.marks), ({ name }) => name);
  if (found.length > 0) throw new Error(`left ${found.join(", ")}`);
}
