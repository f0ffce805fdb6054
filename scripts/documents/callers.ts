import type { Function as FunctionNode, Node } from "@babel/types";
import { resolveName } from "./bindings.ts";
import type { SourceTree } from "./source_tree.ts";

export type Call = Extract<Node, { type: "CallExpression" }>;

/** Says of a function where it is called by its name; of a method, where any of that name is. */
export function findCallers(tree: SourceTree): (wanted: FunctionNode) => Call[] {
  const callsByName = new Map<string, Call[]>();
  for (const call of tree.all("CallExpression")) {
    const { callee } = call;
    const name = callee.type === "Identifier"
      ? callee.name
      : callee.type === "MemberExpression" && callee.property.type === "Identifier"
      ? callee.property.name
      : undefined;
    if (name !== undefined) (callsByName.get(name) ?? callsByName.set(name, []).get(name)!).push(call);
  }

  return (wanted) => {
    const parent = tree.parentOf(wanted);
    const id = wanted.type === "ClassMethod" || wanted.type === "ObjectMethod"
      ? wanted.key
      : wanted.type === "FunctionDeclaration"
      ? wanted.id
      : parent?.type === "VariableDeclarator"
      ? parent.id
      : undefined;
    if (id?.type !== "Identifier") return [];
    return (callsByName.get(id.name) ?? []).filter(({ callee }) => {
      if (callee.type !== "Identifier") return wanted.type === "ClassMethod";
      const binding = resolveName(tree, callee.name, callee);
      return binding?.kind === "function" && binding.function === wanted;
    });
  };
}
