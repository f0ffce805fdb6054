import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { configOptions } from "../options/config_options.ts";
import type { SaidOfOption } from "../options/declaration.ts";
import { fromOptions } from "../options/store_options.ts";
import { chooseConfig } from "./run_configured.ts";
import { isFlagged } from "./declare_options.ts";

/** The configuration of a command that looks into a store, which must be named somewhere. */
export async function chooseStore(
  command: CommandUnknownOpts,
  said: SaidOfOption<typeof fromOptions & typeof configOptions>,
): Promise<string | undefined> {
  const path = await chooseConfig(command, said, { isSaid: isFlagged(command, fromOptions.from) });
  if (said.from === undefined && path === undefined) {
    command.error("error: required option '--from <store>' not specified, and there is no configuration");
  }
  return path;
}
