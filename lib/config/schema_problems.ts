import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { z } from "zod";
import { nearestWord } from "../system/nearest_word.ts";
import { type ConfigProblem, pathText } from "./config_problem.ts";

type Issue = z.core.$ZodIssue;

/**
 * Says in words what does not fit a schema, and where in the text that is.
 *
 * @param issue As zod gives it.
 * @param keysAt The keys that an object at a path may have; for the nearest word.
 */
export function schemaProblems(issue: Issue, root: Node, keysAt: (path: PropertyKey[]) => string[]): ConfigProblem[] {
  const place = (path: PropertyKey[]) => nearestNode(root, path).offset;
  const where = pathText(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        offset: keyOffset(root, issue.path, key),
        message: `unknown key ${JSON.stringify(key)}${where ? ` in ${where}` : ""}`,
        hint: didYouMean(key, keysAt(issue.path)),
      }));
    case "invalid_union":
      return unionProblems(issue, root, keysAt);
    case "invalid_type":
      if (nodeAt(root, issue.path)) break;
      return [{
        offset: place(issue.path),
        message: `${JSON.stringify(String(issue.path.at(-1)))} is missing in ${
          pathText(issue.path.slice(0, -1)) || "it"
        }`,
      }];
    case "invalid_value": {
      const value = nodeAt(root, issue.path)?.value;
      const values = issue.values.map(String);
      return [{
        offset: place(issue.path),
        message: value === undefined
          ? `${JSON.stringify(String(issue.path.at(-1)))} is missing in ${pathText(issue.path.slice(0, -1)) || "it"}`
          : `${JSON.stringify(value)} is not a ${pathText(issue.path.slice(-1))}`,
        hint: (typeof value === "string" ? didYouMean(value, values) : undefined) ??
          `It is ${values.map((word) => JSON.stringify(word)).join(" or ")}.`,
      }];
    }
  }
  const isOwn = issue.code === "custom" || issue.code === "invalid_format";
  return [{
    offset: place(issue.path),
    message: `${where || "it"}${where || isOwn ? ":" : ""} ${isOwn ? issue.message : describe(issue)}`,
  }];
}

/** Of several shapes, the one meant is that of the kind that is named, or of the type of what is there. */
function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  root: Node,
  keysAt: (path: PropertyKey[]) => string[],
): ConfigProblem[] {
  const node = nearestNode(root, issue.path);
  const discriminator = (issue as { discriminator?: string }).discriminator;
  if (discriminator !== undefined) {
    const object = nearestNode(root, issue.path.slice(0, -1));
    const path = issue.path.at(-1) === discriminator ? issue.path.slice(0, -1) : issue.path;
    const keys = (object.children ?? []).map((property) => String(property.children![0].value));
    if (!keys.includes(discriminator)) {
      const slip = keys.find((key) => nearestWord(key, [discriminator]) !== undefined);
      return [{
        offset: slip === undefined ? nearestNode(root, path).offset : keyOffset(root, path, slip),
        message: slip === undefined
          ? `${JSON.stringify(discriminator)} is missing in ${pathText(path)}`
          : `unknown key ${JSON.stringify(slip)} in ${pathText(path)}`,
        hint: slip === undefined ? undefined : `Did you mean ${JSON.stringify(discriminator)}?`,
      }];
    }
    const value = nodeAt(root, [...path, discriminator])?.value;
    const words = keysAt([...path, discriminator]);
    return [{
      offset: nearestNode(root, [...path, discriminator]).offset,
      message: `${JSON.stringify(value)} is not a ${discriminator} of ${pathText(path.slice(0, 1))}`,
      hint: didYouMean(String(value), words) ?? `It is one of ${words.join(", ")}.`,
    }];
  }
  // Shapes that do not fit at their very root are of another type.
  const meant = issue.errors.filter((issues) =>
    !issues.some(({ code, path }) => code === "invalid_type" && path.length === 0)
  );
  if (meant.length !== 1) {
    const types = issue.errors.flat().flatMap((each) => each.code === "invalid_type" ? [article(each.expected)] : []);
    const message = types.length > 0 ? `must be ${[...new Set(types)].join(" or ")}` : issue.message;
    return [{ offset: node.offset, message: `${pathText(issue.path)}: ${message}` }];
  }
  return meant[0].flatMap((each) => schemaProblems({ ...each, path: [...issue.path, ...each.path] }, root, keysAt));
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${article(issue.expected)}`;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? `must not be ${issue.minimum === 1 ? "empty" : `shorter than ${issue.minimum}`}`
        : `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  const named: Record<string, string> = { record: "an object", boolean: "true or false", int: "a whole number" };
  return named[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
}

function didYouMean(word: string, words: string[]): string | undefined {
  const nearest = nearestWord(word, words);
  return nearest === undefined ? undefined : `Did you mean ${JSON.stringify(nearest)}?`;
}

function nodeAt(root: Node, path: readonly PropertyKey[]): Node | undefined {
  return findNodeAtLocation(root, path as (string | number)[]);
}

/** What is there, or the nearest thing around it. */
export function nearestNode(root: Node, path: readonly PropertyKey[]): Node {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(root, path.slice(0, length));
    if (node) return node;
  }
  return root;
}

/** The place of a key, not of its value. */
function keyOffset(root: Node, path: readonly PropertyKey[], key: string): number {
  return nodeAt(root, [...path, key])?.parent?.offset ?? nearestNode(root, path).offset;
}
