import { join } from "node:path";
import { reasonForDistrust } from "../system/trusted_path.ts";
import { configNotTrusted } from "./findings.ts";

const fileName = "pgrehearse.jsonc";
const systemDirectory = "/etc/pgrehearse";

/**
 * The place of a configuration that was not named: in the working directory, else in /etc/pgrehearse.
 *
 * A configuration holds commands and names programs, so one that another account could have written is refused, not passed
 * over: what would be done instead is not what the operator sees lying there.
 *
 * @throws {OperatorError} `CONFIG_NOT_TRUSTED`
 */
export async function findConfig(): Promise<string | undefined> {
  for (const directory of [Deno.cwd(), systemDirectory]) {
    const path = join(directory, fileName);
    if (!await Deno.stat(path).then(({ isFile }) => isFile, () => false)) continue;
    const reason = await reasonForDistrust(path) ?? rootsReason(directory);
    if (reason) throw configNotTrusted.error({ path, reason });
    return path;
  }
  return undefined;
}

/** Root may be in any account's directory. */
function rootsReason(directory: string): string | undefined {
  if (Deno.uid() !== 0 || directory === systemDirectory || directory.startsWith("/etc/")) return undefined;
  return "root uses only a configuration below /etc, or one that you name";
}
