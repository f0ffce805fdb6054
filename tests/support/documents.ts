import { join } from "node:path";
import { root } from "./source_files.ts";

/** A fenced block of a document. */
export interface Block {
  /** Of the document, from the checkout's root. */
  document: string;
  line: number;
  /** What follows the fence: `sh`, `json`, `text`. */
  language: string;
  text: string;
}

/** One command of a block of shell, as many lines as it takes. */
export interface DocumentedCommand {
  document: string;
  line: number;
  text: string;
  /** The exit statuses that it may end with: `# exit 1`, `# exit 0 or 1` at its end, which readers see as well; 0 otherwise. */
  statuses: number[];
}

/** Everything that people are told to read. */
export async function documents(): Promise<string[]> {
  const docs = await Array.fromAsync(Deno.readDir(join(root, "docs")), ({ name }) => `docs/${name}`);
  return ["README.md", "CONTRIBUTING.md", ...docs.filter((name) => name.endsWith(".md")).sort()];
}

/** The fenced blocks of a document, in order. */
export async function blocksOf(document: string): Promise<Block[]> {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of (await Deno.readTextFile(join(root, document))).split("\n").entries()) {
    const fence = /^\s*```(\S*)/.exec(line);
    if (open && fence) {
      blocks.push(open);
      open = undefined;
    } else if (open) open.text += `${line}\n`;
    else if (fence) open = { document, line: index + 2, language: fence[1], text: "" };
  }
  if (open) throw new Error(`${document}:${open.line}: a block that does not end`);
  return blocks;
}

/** The commands of a block of shell: bash says where one ends. */
export async function commandsOf({ document, line, text }: Block): Promise<DocumentedCommand[]> {
  const commands: DocumentedCommand[] = [];
  let lines: string[] = [];
  for (const [index, each] of text.trimEnd().split("\n").entries()) {
    if (lines.length === 0 && /^\s*(#.*)?$/.test(each)) continue;
    lines.push(each);
    const command = lines.join("\n");
    if (!await isComplete(command)) continue;
    const said = /#.*\bexit (\d+)(?: or (\d+))?/.exec(command);
    const statuses = said ? said.slice(1).filter(Boolean).map(Number) : [0];
    commands.push({ document, line: line + index - lines.length + 1, text: command, statuses });
    lines = [];
  }
  if (lines.length > 0) throw new Error(`${document}:${line}: a command that does not end: ${lines.join("\n")}`);
  return commands;
}

async function isComplete(command: string): Promise<boolean> {
  if (command.endsWith("\\")) return false;
  const bash = new Deno.Command("bash", { args: ["-n", "-c", command], stderr: "piped" });
  const { success, stderr } = await bash.output();
  return success && !new TextDecoder().decode(stderr).includes("here-document");
}
