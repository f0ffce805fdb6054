import { dirname, resolve } from "node:path";
import { type Account, type Guard, startGuard } from "./child_process.ts";
import { cannotMakeDirectory, leftBehind } from "./findings.ts";
import { type OperatorError, reasonOf } from "./operator_error.ts";
import workspaceScript from "./workspace.sh" with { type: "text" };

/** A 0700 directory that is removed when it is closed, and when this process dies in any way. */
export interface Workspace {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Makes an empty workspace.
 *
 * @param parent Where; files made in it can then be renamed to their place beside it.
 * @throws {OperatorError} `CANNOT_MAKE_DIRECTORY`
 */
export function makeWorkspace(parent: string = temporaryDirectory()): Promise<Workspace> {
  return makeWorkspaceAt(newWorkspacePath(parent));
}

/**
 * Makes an empty workspace of this very path. A program that is to write into it and dies later than we do finds it gone.
 *
 * @throws {OperatorError} `CANNOT_MAKE_DIRECTORY`
 */
export async function makeWorkspaceAt(wanted: string): Promise<Workspace> {
  const path = resolve(wanted); // the guard's own directory is /
  const guard = startGuard(workspaceScript, ["workspace", path]);
  const answer = await guard.readLine();
  if (answer !== "made") throw cannotMake(path, { reason: answer });
  return { path, close: () => releaseGuard(guard, path) };
}

/**
 * Watches over a file or directory that is still being written: unless it was renamed by then, it is removed when the
 * watch is closed, and when this process dies in any way.
 */
export async function watchUnfinished(unfinished: string): Promise<Workspace> {
  const path = resolve(unfinished);
  const guard = startGuard(workspaceScript, ["workspace", "--unfinished", path]);
  await guard.readLine();
  return { path, close: () => releaseGuard(guard, path) };
}

/** A new path, recognisable as ours. */
export function newWorkspacePath(parent: string = temporaryDirectory()): string {
  const unique = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  return resolve(parent, `pgrehearse-${unique}`);
}

/**
 * What to tell the operator when a workspace cannot be made.
 *
 * @param reason What mkdir or chown said.
 */
export function cannotMake(path: string, { reason, account }: { reason?: string; account?: Account }): OperatorError {
  const temporary = temporaryDirectory();
  return cannotMakeDirectory.workspace.error({
    path,
    as: account?.uid,
    reason: reason && reasonOf(reason),
    temporary: dirname(path) === resolve(temporary) ? temporary : undefined,
  });
}

/** Releases a guard that removes `path`. */
export async function releaseGuard(guard: Guard, path: string): Promise<void> {
  if (await guard.release() !== 0) throw leftBehind.directory.error({ path });
}

/** TMPDIR, else /tmp. */
export function temporaryDirectory(): string {
  const directory = Deno.env.get("TMPDIR") || "/tmp";
  // A Unix socket's path may be 103 bytes long at most (macOS); ours adds up to 50.
  return directory.length > 50 ? "/tmp" : directory;
}
