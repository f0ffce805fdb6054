import { shellWord } from "../system/shell_word.ts";
import { join } from "node:path";
import { run } from "../system/child_process.ts";
import { bareEnvironment } from "../system/program.ts";
import { isFile } from "../system/files.ts";
import { placeholderMissing, restoredNothing, toolCouldNotRestore } from "./findings/tools.ts";
import type { PhysicalSource, SourceOptions } from "./source.ts";

/**
 * Opens any tool that fills a directory with one command: WAL-G and its like. What it has is not known before it is restored.
 *
 * @param command For `/bin/sh`; `{dir}` is where the backup goes, as one word. It gets our whole environment: such tools are
 * configured by that.
 * @throws {OperatorError} `PLACEHOLDER_MISSING`
 */
export function openCommand(command: string, { restoreCommand }: SourceOptions): PhysicalSource {
  if (!command.includes("{dir}")) throw placeholderMissing.error({ command });
  const program = command.trim().split(/\s+/)[0];
  return {
    name: `command:${command}`,
    list: () => Promise.resolve([{ name: "what the command restores", parents: [] }]),
    async restore({ name }, { directory, signal }) {
      const filled = command.replaceAll("{dir}", shellWord(directory));
      const env = { ...bareEnvironment(), ...Deno.env.toObject() };
      const { status, stdout, stderr } = await run("/bin/sh", ["-c", filled], { env, signal });
      const said = (stderr.trim() || stdout.trim()).split("\n").slice(-20).join("\n");
      if (status !== 0) throw toolCouldNotRestore.error({ program, backup: name, status, said });
      if (!await isFile(join(directory, "PG_VERSION"))) throw restoredNothing.error({ program, backup: name });
    },
    restoreCommand,
  };
}
