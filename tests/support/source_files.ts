import { parse } from "@babel/parser";
import type { File, Node } from "@babel/types";
import { dirname, join, relative } from "node:path";

/** The checkout. */
export const root = dirname(dirname(import.meta.dirname!));

/** A file below lib/ as its authors wrote it. */
export interface SourceFile {
  /** From the checkout's root: `lib/jobs/drill/drill.ts`. */
  path: string;
  /** The files of ours that it imports, from the root; late ones and texts too. */
  imports: Import[];
}

export interface Import {
  path: string;
  /** Nothing of it is there when the program runs. */
  isTypeOnly: boolean;
}

/** Reads every module of a folder, with what each of them imports. */
export async function readImports(folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of await pathsBelow(join(root, folder))) {
    const ast = parse(await Deno.readTextFile(path), { sourceType: "module", plugins: ["typescript"] });
    const named = importsOf(ast).filter((each) => each.path.startsWith("."));
    const fromRoot = (name: string) => relative(root, join(dirname(path), name));
    files.push({
      path: relative(root, path),
      imports: named.map((each) => ({ ...each, path: fromRoot(each.path) })),
    });
  }
  return files;
}

async function pathsBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) paths.push(...await pathsBelow(join(folder, name)));
    else if (name.endsWith(".ts")) paths.push(join(folder, name));
  }
  return paths.sort();
}

function importsOf(ast: File): Import[] {
  const imports: Import[] = [];
  const visit = (node: Node) => {
    const source = "source" in node ? node.source : undefined;
    if (source && typeof source === "object" && "type" in source && source.type === "StringLiteral") {
      imports.push({ path: source.value, isTypeOnly: isOfTypes(node) });
    }
    if (node.type === "ImportExpression" && node.source.type !== "StringLiteral") {
      throw new Error(`an import of something computed, at line ${node.loc?.start.line}`);
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof child === "object" && typeof child.type === "string") visit(child);
      }
    }
  };
  visit(ast.program);
  return imports;
}

function isOfTypes(node: Node): boolean {
  if (node.type === "TSImportType") return true;
  if (node.type !== "ImportDeclaration") return false;
  return node.importKind === "type" ||
    node.specifiers.length > 0 && node.specifiers.every((one) => "importKind" in one && one.importKind === "type");
}
