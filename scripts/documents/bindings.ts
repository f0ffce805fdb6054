import type { Function as FunctionNode, Node } from "@babel/types";
import { childrenOf, importedModule, type Module, type SourceTree } from "./source_tree.ts";

/** What a name stands for where it is used. */
export type Binding =
  /** `const name = init`, or a part of it: `const { name } = init`. */
  | { kind: "constant"; declaration: Node; pattern: Node; init: Node }
  /** `for (const name of list)`. */
  | { kind: "element"; declaration: Node; pattern: Node; list: Node }
  | { kind: "parameter"; function: FunctionNode; index: number; pattern: Node }
  | { kind: "function"; function: FunctionNode };

/** Finds what a name stands for: in the scopes around its use, or in the module that it is imported from. */
export function resolveName(tree: SourceTree, name: string, use: Node): Binding | undefined {
  for (let node: Node | undefined = use; node; node = tree.parentOf(node)) {
    const found = boundBy(node, name);
    if (found) return found;
    if (node.type === "Program") return imported(tree, tree.moduleOf(node), name);
  }
  return undefined;
}

function imported(tree: SourceTree, module: Module, name: string): Binding | undefined {
  for (const statement of childrenOf(module.program)) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const specifier of statement.specifiers) {
      if (specifier.local.name !== name || specifier.type !== "ImportSpecifier") continue;
      const from = importedModule(tree, module, statement.source.value);
      const asked = specifier.imported.type === "Identifier" ? specifier.imported.name : specifier.imported.value;
      return from && boundBy(from.program, asked);
    }
  }
  return undefined;
}

/** What a node binds for everything in it. */
function boundBy(scope: Node, name: string): Binding | undefined {
  if (isFunction(scope)) {
    const index = scope.params.findIndex((pattern) => binds(pattern, name));
    return index < 0 ? undefined : { kind: "parameter", function: scope, index, pattern: scope.params[index] };
  }
  if (scope.type === "ForOfStatement" && scope.left.type === "VariableDeclaration") {
    const [{ id }] = scope.left.declarations;
    return binds(id, name) ? { kind: "element", declaration: scope, pattern: id, list: scope.right } : undefined;
  }
  if (scope.type !== "Program" && scope.type !== "BlockStatement" && scope.type !== "SwitchCase") return undefined;
  for (const child of childrenOf(scope)) {
    const statement = child.type === "ExportNamedDeclaration" ? child.declaration : child;
    if (statement?.type === "FunctionDeclaration" && statement.id?.name === name) {
      return { kind: "function", function: statement };
    }
    if (statement?.type !== "VariableDeclaration") continue;
    for (const declaration of statement.declarations) {
      const { id: pattern, init } = declaration;
      if (!init || !binds(pattern, name)) continue;
      return isFunction(init) ? { kind: "function", function: init } : { kind: "constant", declaration, pattern, init };
    }
  }
  return undefined;
}

/** The way from a pattern to the name in it: property names and places. */
export function wayTo(pattern: Node, name: string): (string | number)[] | undefined {
  switch (pattern.type) {
    case "Identifier":
      return pattern.name === name ? [] : undefined;
    case "AssignmentPattern":
      return wayTo(pattern.left, name);
    case "ObjectPattern":
      for (const property of pattern.properties) {
        if (property.type !== "ObjectProperty" || property.key.type !== "Identifier") continue;
        const rest = wayTo(property.value, name);
        if (rest) return [property.key.name, ...rest];
      }
      return undefined;
    case "ArrayPattern":
      for (const [index, element] of pattern.elements.entries()) {
        const rest = element && wayTo(element, name);
        if (rest) return [index, ...rest];
      }
      return undefined;
    default:
      return undefined;
  }
}

function binds(pattern: Node, name: string): boolean {
  return wayTo(pattern, name) !== undefined ||
    pattern.type === "ObjectPattern" &&
      pattern.properties.some((one) =>
        one.type === "RestElement" && one.argument.type === "Identifier" && one.argument.name === name
      );
}

export function isFunction(node: Node): node is FunctionNode {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassMethod|ObjectMethod)$/.test(node.type);
}
