import { Command } from "@commander-js/extra-typings";
import { print } from "./command.ts";

const description = `Prints the manual page, with the same texts as --help. To install it, write it
to pgrehearse.1 in a directory man1 of man's path, such as
/usr/local/share/man/man1.`;

const epilogue = `
Exit status: 0 printed.

Example:
  pgrehearse man | man -l -`;

export function manCommand() {
  return new Command("man")
    .summary("print the manual page")
    .description(description)
    .addHelpText("after", epilogue)
    .action(async (_options, command) => {
      const { describeProgram } = await import("./reference/describe_program.ts");
      const { manPage } = await import("./reference/man_page.ts");
      print(Deno.stdout, manPage(describeProgram(command.parent!)));
    });
}
