import { Argument, Command } from "@commander-js/extra-typings";
import { print } from "./command.ts";

const description = `Prints a script that lets a shell complete commands, options and their values.

bash: put it into a file that bash-completion reads, or into ~/.bashrc:
  source <(pgrehearse completion bash)
zsh: put it into a file named _pgrehearse in a directory of $fpath.
fish: put it into ~/.config/fish/completions/pgrehearse.fish.`;

const epilogue = `
Exit status: 0 printed; 2 unknown shell.

Example:
  pgrehearse completion bash`;

export function completionCommand() {
  return new Command("completion")
    .summary("print a completion script for bash, zsh or fish")
    .description(description)
    .addArgument(new Argument("<shell>", "which").choices(["bash", "zsh", "fish"] as const))
    .addHelpText("after", epilogue)
    .action(async (shell, _options, command) => {
      const { describeProgram } = await import("./reference/describe_program.ts");
      const { completionScripts } = await import("./reference/completion_scripts.ts");
      print(Deno.stdout, completionScripts[shell](describeProgram(command.parent!)));
    });
}
