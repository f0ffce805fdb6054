import type { Function as FunctionNode, Node } from "@babel/types";
import { isFunction } from "./bindings.ts";
import { childrenOf } from "./source_tree.ts";

// What can be read off a node by itself.

/** What methods of texts make of them. */
export const changes: Record<string, (text: string, words: (string | undefined)[]) => string | undefined> = {
  toUpperCase: (text) => text.toUpperCase(),
  replace: (text, [from, to]) => from === undefined || to === undefined ? text : text.replace(from, to),
  replaceAll: (text, [from, to]) => from === undefined || to === undefined ? text : text.replaceAll(from, to),
};

export function holdsText(node: Node): boolean {
  if (node.type === "BinaryExpression") return holdsText(node.left) || holdsText(node.right);
  return node.type === "StringLiteral" || node.type === "TemplateLiteral";
}

export function elementsOf(value: string | Node | undefined): Node[] {
  if (typeof value !== "object" || value.type !== "ArrayExpression") return [];
  return value.elements.filter((element) => element !== null);
}

export function keyOf(key: Node): string | undefined {
  return key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : undefined;
}

/** The words of `name: "one" | "two"`. */
export function wordsOfType(pattern: Node): string[] {
  const annotation = pattern.type === "Identifier" && pattern.typeAnnotation;
  if (!annotation || annotation.type !== "TSTypeAnnotation" || annotation.typeAnnotation.type !== "TSUnionType") {
    return [];
  }
  return annotation.typeAnnotation.types.flatMap((type) =>
    type.type === "TSLiteralType" && type.literal.type === "StringLiteral" ? [type.literal.value] : []
  );
}

export function returnedBy(inside: FunctionNode): Node[] {
  if (inside.body.type !== "BlockStatement") return [inside.body];
  const found: Node[] = [];
  const visit = (node: Node) => {
    if (node.type === "ReturnStatement" && node.argument) found.push(node.argument);
    if (!isFunction(node)) childrenOf(node).forEach(visit);
  };
  childrenOf(inside.body).forEach(visit);
  return found;
}
