import type { Node } from "@babel/types";
import { isFunction, resolveName } from "./bindings.ts";
import type { Call } from "./callers.ts";
import { makeEvaluator } from "./possible_values.ts";
import type { Saying } from "./scan_findings.ts";
import { childrenOf, type SourceTree } from "./source_tree.ts";

/** The kinds of definitions that a manifest holds: what SQL calls `kind`, in the room of definitions. */
export async function definitionKinds(root: string): Promise<string[]> {
  const folder = `${root}/lib/manifest/definitions`;
  const kinds = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".sql")) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    for (
      const [, kind] of text.matchAll(/'(\w+)' AS kind|(?<=SELECT\s+)'(\w+)',/g).map(([all, a, b]) => [all, a ?? b])
    ) {
      kinds.add(kind);
    }
    for (const [, branches] of text.matchAll(/CASE ((?:(?!CASE|END)[^])*) END AS kind/g)) {
      for (const [, kind] of branches.matchAll(/(?:THEN|ELSE) '(\w+)'/g)) kinds.add(kind);
    }
  }
  return [...kinds].sort();
}

/** What `doctor` looks at: the name of each examination, and what it may say with which advice. */
export function prerequisites(tree: SourceTree): Map<string, Saying[]> {
  const { possibilities } = makeEvaluator(tree);
  const found = new Map<string, Saying[]>();
  for (const object of tree.all("ObjectExpression")) {
    const { path } = tree.moduleOf(object);
    if (!path.startsWith("lib/jobs/doctor/")) continue;
    const members = new Map(
      object.properties.flatMap((member) =>
        (member.type === "ObjectProperty" || member.type === "ObjectMethod") && member.key.type === "Identifier"
          ? [[member.key.name, member] as const]
          : []
      ),
    );
    const [name, examine] = [members.get("name"), members.get("examine")];
    if (name?.type !== "ObjectProperty" || name.value.type !== "StringLiteral" || !examine) continue;
    const code = `PREREQUISITE_${name.value.value.toUpperCase()}`;
    const sayings = callsBelow(tree, examine).flatMap((call): Saying[] => {
      const [message, fix] = call.arguments.map((one) => textOf(possibilities(one, new Map(), false)[0]?.value));
      const line = call.loc!.start.line;
      return [{ code, message: sentence(message), fix, isWarning: calleeOf(call) === "warn", path, line }];
    });
    found.set(code, [...found.get(code) ?? [], ...sayings]);
  }
  return found;
}

/** The calls of `warn` and `fail` in a node, and in the functions of ours that it calls or names. */
function callsBelow(tree: SourceTree, start: Node): Call[] {
  const calls: Call[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.type === "CallExpression" && /^(warn|fail)$/.test(calleeOf(node) ?? "")) calls.push(node);
    if (node.type === "Identifier") {
      const binding = resolveName(tree, node.name, node);
      const isOurs = binding?.kind === "function" && isFunction(binding.function) &&
        tree.moduleOf(binding.function).path.startsWith("lib/jobs/doctor/examine_");
      if (isOurs) visit(binding.function);
    }
    childrenOf(node).forEach(visit);
  };
  visit(start);
  return calls;
}

function calleeOf({ callee }: Call): string | undefined {
  return callee.type === "Identifier" ? callee.name : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "…";
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}
