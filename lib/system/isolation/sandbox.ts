import type { Account } from "../child_process.ts";

/** What isolation could be had; the verdict's schema says what its words mean. */
export interface SandboxIsolation {
  level: "full" | "namespaces" | "account" | "none";
  lacks: ("account" | "files" | "network" | "processes")[];
}

/** What a command in a sandbox has besides the system's programs. Every path is the same inside and outside. */
export interface View {
  /** Files and directories that it reads. */
  read?: readonly string[];
  /** Files and directories that it reads, whoever else may; needs a sandbox that {@linkcode Sandbox.lends}. */
  lend?: readonly string[];
  /** Directories that it writes to. */
  write?: readonly string[];
  /** Directories that it writes to, and finds at another path; needs a sandbox that {@linkcode Sandbox.maps}. */
  map?: readonly { path: string; at: string }[];
  /**
   * Whether it may use the host's network.
   * @default {false}
   */
  network?: boolean;
}

/** Runs commands so that they reach nothing of this host but what they are given, and leave nothing behind. */
export interface Sandbox {
  readonly isolation: SandboxIsolation;
  /** Whom the commands run as; absent where as ourselves. What they write to must be this account's. */
  readonly account?: Account;
  /** Whether a command that is killed takes with it everything that it started. */
  readonly isInit: boolean;
  /** Whether it can let its account read a file of ours. */
  readonly lends: boolean;
  /** Whether it can put a directory of ours at another path, out of reach of what lies there on this host. */
  readonly maps: boolean;
  /** Whether what it is given may lie in directories that only we may enter. */
  readonly reachesOurs: boolean;
  /** The command line that runs a command in it. */
  command(command: readonly string[], view?: View): Promise<string[]>;
}
