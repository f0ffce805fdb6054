import { shellWord } from "../system/shell_word.ts";
import { run } from "../system/child_process.ts";
import { bareEnvironment } from "../system/program.ts";
import { registerSecret } from "../system/redact.ts";
import { backupToolFailed } from "./findings/tools.ts";

/** A program that makes and restores physical backups, as it is called. */
interface BackupTool {
  program: string;
  env: Record<string, string>;
}

/**
 * Takes from our environment what a tool reads: its own variables, and those of the storage and the shells below it. What
 * looks like a secret among them is one.
 *
 * @param prefixes Of its variables.
 */
export function backupTool(program: string, prefixes: readonly string[]): BackupTool {
  const wanted = Object.entries(Deno.env.toObject()).filter(([name]) =>
    prefixes.some((prefix) => name.startsWith(prefix))
  );
  for (const [name, value] of wanted) if (/PASS|KEY|SECRET|TOKEN/.test(name)) registerSecret(value);
  return { program, env: { ...bareEnvironment(), ...Object.fromEntries(wanted) } };
}

/**
 * Runs a tool that answers with a document.
 *
 * @param asked What it is asked, for the sentence where it fails: `what backups there are`.
 * @throws {OperatorError} `BACKUP_TOOL_FAILED`
 */
export async function askTool(
  { program, env }: BackupTool,
  args: string[],
  { asked, signal }: { asked: string; signal?: AbortSignal },
): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, { env, signal });
  if (status === 127) throw backupToolFailed.missing.error({ program });
  if (status !== 0) throw backupToolFailed.refused.error({ program, asked, said: (stderr || stdout).trim() });
  return stdout;
}

/** A command for a shell, as the beginning of a `restore_command`, where `%` means something and is doubled. */
export function restoreCommandOf(words: readonly string[]): string {
  return words.map(shellWord).join(" ").replaceAll("%", "%%");
}
