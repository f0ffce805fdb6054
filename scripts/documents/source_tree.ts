import { parse } from "@babel/parser";
import type { Node } from "@babel/types";
import { dirname, join, relative } from "node:path";

/** A module, parsed. */
export interface Module {
  /** From the checkout's root. */
  path: string;
  text: string;
  program: Node;
}

/** Every module below a folder, with what is around each of their nodes. */
export interface SourceTree {
  modules: Map<string, Module>;
  parentOf(node: Node): Node | undefined;
  moduleOf(node: Node): Module;
  /** The source text of a node. */
  textOf(node: Node): string;
  /** Every node of a type. */
  all<Type extends Node["type"]>(type: Type): Extract<Node, { type: Type }>[];
}

/** Reads and parses every `.ts` file below a folder of the checkout. */
export async function readSourceTree(root: string, folder: string): Promise<SourceTree> {
  const modules = new Map<string, Module>();
  const parents = new Map<Node, Node>();
  const modulesOf = new Map<Node, Module>();
  const byType = new Map<string, Node[]>();
  for (const file of await typescriptBelow(join(root, folder))) {
    const text = await Deno.readTextFile(file);
    const { program } = parse(text, { sourceType: "module", plugins: ["typescript"] });
    const module = { path: relative(root, file), text, program };
    modules.set(module.path, module);
    modulesOf.set(program, module);
    walk(program, (node, parent) => {
      if (parent) parents.set(node, parent);
      (byType.get(node.type) ?? byType.set(node.type, []).get(node.type)!).push(node);
    });
  }
  const moduleOf = (node: Node): Module => {
    let top = node;
    while (parents.has(top)) top = parents.get(top)!;
    return modulesOf.get(top)!;
  };
  return {
    modules,
    moduleOf,
    parentOf: (node) => parents.get(node),
    textOf: (node) => moduleOf(node).text.slice(node.start!, node.end!),
    all: (type) => (byType.get(type) ?? []) as never,
  };
}

/** The module that an import names. */
export function importedModule({ modules }: SourceTree, from: Module, source: string): Module | undefined {
  return source.startsWith(".") ? modules.get(join(dirname(from.path), source)) : undefined;
}

/** The nodes right below one. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => Array.isArray(value) ? value : [value]).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string" && "start" in value;
}

function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent);
  for (const child of childrenOf(node)) walk(child, visit, node);
}

async function typescriptBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...await typescriptBelow(join(folder, name)));
    else if (name.endsWith(".ts")) files.push(join(folder, name));
  }
  return files.sort();
}
