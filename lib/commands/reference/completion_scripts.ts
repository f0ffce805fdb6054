import { bashCompletion } from "./bash_completion.ts";
import type { DescribedCommand } from "./describe_program.ts";
import { fishCompletion } from "./fish_completion.ts";
import { zshCompletion } from "./zsh_completion.ts";

/** What makes the script for each shell. */
export const completionScripts: Record<"bash" | "zsh" | "fish", (program: DescribedCommand) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
