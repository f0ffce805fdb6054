import type { Function as FunctionNode, Node } from "@babel/types";
import { isFunction, resolveName, wayTo } from "./bindings.ts";
import { type Call, findCallers } from "./callers.ts";
import type { SourceTree } from "./source_tree.ts";
import { changes, elementsOf, holdsText, keyOf, returnedBy, wordsOfType } from "./syntax.ts";

/** A text, with `…` for what only a run knows; the literal of an object or array; or nothing that can be known. */
export type Value = string | Node | undefined;

/** What was decided on the way to a value: which branch of a condition, which caller, which element. */
export type Choices = ReadonlyMap<unknown, unknown>;

export interface Possibility {
  value: Value;
  choices: Choices;
}

/**
 * Says every value that an expression may have, as far as the text of the program tells.
 *
 * The same condition is decided once: where `isFull ? "DISK_FULL" : "CANNOT_WRITE_FILE"` was followed one way, the
 * sentence beside it that asks for `isFull` goes the same way.
 */
export interface Evaluator {
  /** @param isDeep Follow parameters to their callers and calls to what they return. */
  possibilities(node: Node, choices: Choices, isDeep: boolean): Possibility[];
  /** The values of one property of an object's literal, through what is spread into it. */
  property(object: Node, name: string, choices: Choices, isDeep: boolean): Possibility[] | undefined;
}

const unknown = "…";
const deepest = 12;

export function makeEvaluator(tree: SourceTree): Evaluator {
  const callersOf = findCallers(tree);

  const evaluate = (node: Node, choices: Choices, isDeep: boolean, depth: number): Possibility[] => {
    const none = [{ value: undefined, choices }];
    if (depth > deepest) return none;
    const again = (other: Node, chosen = choices) => evaluate(other, chosen, isDeep, depth + 1);
    switch (node.type) {
      case "StringLiteral":
        return [{ value: node.value, choices }];
      case "NumericLiteral":
        return [{ value: String(node.value), choices }];
      case "ObjectExpression":
      case "ArrayExpression":
        return [{ value: node, choices }];
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "ParenthesizedExpression":
        return again(node.expression);
      case "AwaitExpression":
        return again(node.argument);
      case "TemplateLiteral": {
        const parts: Node[] = node.quasis.flatMap((quasi, i) => i === 0 ? [quasi] : [node.expressions[i - 1], quasi]);
        return concatenated(
          parts,
          choices,
          (part, chosen) =>
            part.type === "TemplateElement"
              ? [{ value: part.value.cooked ?? "", choices: chosen }]
              : isDeep
              ? again(part, chosen)
              : inSentence(part, chosen, again),
        );
      }
      case "BinaryExpression":
        if (node.operator !== "+" || !holdsText(node)) return none; // else it is a sum
        return concatenated([node.left, node.right], choices, (part, chosen) => again(part, chosen));
      case "LogicalExpression":
        return node.operator === "&&" ? again(node.right) : [...again(node.left), ...again(node.right)];
      case "ConditionalExpression": {
        const [key, isNegated] = conditionOf(node.test);
        const branches = choices.has(key) ? [choices.get(key) as boolean] : [true, false];
        return branches.flatMap((holds) =>
          again(holds !== isNegated ? node.consequent : node.alternate, new Map(choices).set(key, holds))
        );
      }
      case "Identifier":
        return named(node.name, node, choices, isDeep, depth);
      case "MemberExpression": {
        const { computed, property } = node;
        const key = !computed && property.type === "Identifier" ? property.name : undefined;
        return again(node.object).flatMap(({ value, choices: chosen }) => {
          if (typeof value !== "object") return [{ value: undefined, choices: chosen }];
          if (key !== undefined) return at(value, [key], chosen, isDeep, depth);
          if (!computed) return [{ value: undefined, choices: chosen }];
          return again(property, chosen).flatMap((asked) =>
            typeof asked.value === "string"
              ? at(value, [asked.value], asked.choices, isDeep, depth)
              : isDeep || asked.choices.has(keyOfAny(node))
              ? oneOf(value, node, asked.choices, isDeep, depth)
              : [{ value: undefined, choices: asked.choices }]
          );
        });
      }
      case "CallExpression":
        return called(node, choices, isDeep, depth);
      default:
        return none;
    }
  };

  /** A condition's key, the same for each place in one function that asks for the same, and whether it is negated. */
  const conditionOf = (test: Node): [key: string, isNegated: boolean] => {
    const isNegated = test.type === "UnaryExpression" && test.operator === "!";
    const asked = isNegated ? test.argument : test;
    let around: Node | undefined = asked;
    while (around && !isFunction(around)) around = tree.parentOf(around);
    return [`${tree.moduleOf(asked).path} ${around?.start} ${tree.textOf(asked)}`, isNegated];
  };

  const named = (name: string, use: Node, choices: Choices, isDeep: boolean, depth: number): Possibility[] => {
    const none = [{ value: undefined, choices }];
    const binding = resolveName(tree, name, use);
    if (!binding || binding.kind === "function") return none;
    const way = wayTo(binding.pattern, name);
    if (!way) return none;
    const follow = (found: Possibility[], key: unknown) =>
      found.flatMap(({ value, choices: chosen }) =>
        way.length === 0 ? [{ value, choices: chosen }] : at(value, way, new Map(chosen).set(key, value), isDeep, depth)
      );
    if (binding.kind === "constant") {
      const { declaration, init } = binding;
      if (choices.has(declaration)) return at(choices.get(declaration) as Value, way, choices, isDeep, depth);
      return follow(evaluate(init, choices, isDeep, depth + 1), declaration);
    }
    if (binding.kind === "element") {
      const { declaration, list } = binding;
      if (choices.has(declaration)) return at(choices.get(declaration) as Value, way, choices, isDeep, depth);
      if (!isDeep) return none;
      return evaluate(list, choices, isDeep, depth + 1).flatMap(({ value, choices: chosen }) =>
        elementsOf(value).flatMap((element) => {
          const decided = new Map(chosen).set(declaration, element);
          return at(element, way, decided, isDeep, depth);
        })
      );
    }
    return argument(binding.function, binding.index, binding.pattern, way, choices, isDeep, depth);
  };

  /** What callers hand to a parameter; what its type allows, where nobody can be found. */
  const argument = (
    inside: FunctionNode,
    index: number,
    pattern: Node,
    way: (string | number)[],
    choices: Choices,
    isDeep: boolean,
    depth: number,
  ): Possibility[] => {
    const none = [{ value: undefined, choices }];
    const handed = (call: Call, chosen: Choices): Possibility[] => {
      const given = call.arguments[index];
      if (!given) {
        return pattern.type === "AssignmentPattern"
          ? evaluate(pattern.right, chosen, isDeep, depth + 1)
          : [{ value: undefined, choices: chosen }];
      }
      return at(given, way, chosen, isDeep, depth + 1);
    };
    if (choices.has(inside)) {
      const decided = choices.get(inside) as Call | Value;
      if (typeof decided === "object" && decided.type === "CallExpression") return handed(decided, choices);
      return at(decided as Value, way, choices, isDeep, depth);
    }
    if (!isDeep) return none;
    const callers = callersOf(inside);
    if (callers.length > 0) {
      const given = callers.flatMap((call) => handed(call, new Map(choices).set(inside, call)));
      if (given.length > 0) return given;
    }
    const call = tree.parentOf(inside);
    const isCallback = call?.type === "CallExpression" && call.arguments[0] === inside && index === 0 &&
      call.callee.type === "MemberExpression";
    if (isCallback && call.callee.type === "MemberExpression") {
      const elements = evaluate(call.callee.object, choices, isDeep, depth + 1)
        .flatMap(({ value, choices: chosen }) => elementsOf(value).map((element) => ({ element, chosen })));
      if (elements.length > 0) {
        return elements.flatMap(({ element, chosen }) =>
          at(element, way, new Map(chosen).set(inside, element), isDeep, depth)
        );
      }
    }
    const allowed = wordsOfType(pattern);
    return way.length === 0 && allowed.length > 0 ? allowed.map((value) => ({ value, choices })) : none;
  };

  /** What lies at the end of a way into a value. */
  const at = (
    value: Value,
    [step, ...rest]: (string | number)[],
    choices: Choices,
    isDeep: boolean,
    depth: number,
  ): Possibility[] => {
    if (typeof value !== "object") return [{ value: step === undefined ? value : undefined, choices }];
    if (value.type !== "ObjectExpression" && value.type !== "ArrayExpression") {
      return evaluate(value, choices, isDeep, depth + 1).flatMap((found) =>
        step === undefined
          ? [found]
          : found.value === value
          ? [{ value: undefined, choices }]
          : at(found.value, [step, ...rest], found.choices, isDeep, depth + 1)
      );
    }
    if (step === undefined) return [{ value, choices }];
    if (value.type === "ArrayExpression") {
      const element = value.elements[Number(step)];
      return element ? at(element, rest, choices, isDeep, depth + 1) : [{ value: undefined, choices }];
    }
    return propertyOf(value, String(step), choices, isDeep, depth)?.flatMap((found) =>
      rest.length === 0 ? [found] : at(found.value, rest, found.choices, isDeep, depth + 1)
    ) ?? [{ value: undefined, choices }];
  };

  const propertyOf = (
    object: Node,
    name: string,
    choices: Choices,
    isDeep: boolean,
    depth: number,
  ): Possibility[] | undefined => {
    if (object.type !== "ObjectExpression") return undefined;
    for (const member of object.properties) {
      if (member.type === "ObjectProperty" && keyOf(member.key) === name) {
        return evaluate(member.value, choices, isDeep, depth + 1);
      }
    }
    for (const member of object.properties) {
      if (member.type !== "SpreadElement") continue;
      const found = evaluate(member.argument, choices, isDeep, depth + 1).flatMap(({ value, choices: chosen }) =>
        typeof value === "object" ? propertyOf(value, name, chosen, isDeep, depth + 1) ?? [] : []
      );
      if (found.length > 0) return found;
    }
    return undefined;
  };

  const keyOfAny = (place: Node) => `${tree.moduleOf(place).path} ${tree.textOf(place)}`;

  /** Any of an object's or array's values; asked for twice, the same. */
  const oneOf = (value: Node, key: Node, choices: Choices, isDeep: boolean, depth: number): Possibility[] => {
    const text = keyOfAny(key);
    if (choices.has(text)) return at(choices.get(text) as Value, [], choices, isDeep, depth);
    const values = value.type === "ObjectExpression"
      ? value.properties.flatMap((member) => member.type === "ObjectProperty" ? [member.value] : [])
      : elementsOf(value);
    return values.flatMap((one) => at(one as Value, [], new Map(choices).set(text, one), isDeep, depth + 1));
  };

  const called = (
    call: Call,
    choices: Choices,
    isDeep: boolean,
    depth: number,
  ): Possibility[] => {
    const { callee } = call;
    const none = [{ value: undefined, choices }];
    if (callee.type === "MemberExpression" && callee.property.type === "Identifier") {
      const change = changes[callee.property.name];
      if (!change) return none;
      const words = call.arguments.map((one) => one.type === "StringLiteral" ? one.value : undefined);
      return evaluate(callee.object, choices, isDeep, depth + 1).map(({ value, choices: chosen }) => ({
        value: typeof value === "string" && value !== unknown ? change(value, words) : undefined,
        choices: chosen,
      }));
    }
    if (!isDeep || callee.type !== "Identifier") return none;
    const binding = resolveName(tree, callee.name, callee);
    if (binding?.kind !== "function") return none;
    const returned = returnedBy(binding.function);
    return returned.flatMap((value) =>
      evaluate(value, new Map(choices).set(binding.function, call), isDeep, depth + 1)
    );
  };

  return {
    possibilities: (node, choices, isDeep) => evaluate(node, choices, isDeep, 0),
    property: (object, name, choices, isDeep) => propertyOf(object, name, choices, isDeep, 0),
  };
}

/** All ways to put parts together; what is not a text is `…`. */
function concatenated(
  parts: Node[],
  choices: Choices,
  each: (part: Node, choices: Choices) => Possibility[],
): Possibility[] {
  let made: { value: string; choices: Choices }[] = [{ value: "", choices }];
  for (const part of parts) {
    made = made.flatMap(({ value, choices: chosen }) =>
      each(part, chosen).map((found) => ({
        value: value + (typeof found.value === "string" ? found.value : unknown),
        choices: found.choices,
      }))
    );
  }
  return made;
}

/** In the middle of a sentence, `is` or `are` makes no other sentence: the last, mostly the plural, stands for both. */
function inSentence(
  part: Node,
  choices: Choices,
  evaluate: (node: Node, choices: Choices) => Possibility[],
): Possibility[] {
  const found = evaluate(part, choices);
  if (found.length < 2 || found.some(({ value }) => typeof value === "string" && value.length > 12)) return found;
  if (found.some(({ value }) => typeof value !== "string")) return [{ value: undefined, choices }];
  return [found.findLast(({ value }) => typeof value === "string" && value !== "") ?? found.at(-1)!];
}
