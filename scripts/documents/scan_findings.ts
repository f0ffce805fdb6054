import type { Node } from "@babel/types";
import { type Choices, makeEvaluator, type Possibility } from "./possible_values.ts";
import type { SourceTree } from "./source_tree.ts";

/** A sentence that the program may say under a code. */
export interface Saying {
  code: string;
  message: string;
  /** Absent: it is a note. */
  fix?: string;
  /** Whether it is a warning always, or where the message says so. */
  isWarning: boolean;
  /** Of the module. */
  path: string;
  line: number;
}

/** Where a code is only passed on, or cannot be known from the text. */
export interface PassedOn {
  path: string;
  /** The expression in the place of the code. */
  code: string;
}

/** A sentence that comes in more forms is better described than listed. */
const mostFollowed = 12;

/**
 * Finds everything that findings and notes can say: `new OperatorError(code, message, { fix })`, and objects with a `code`
 * and a `message`; each with all the values that they may have.
 */
export function scanFindings(tree: SourceTree): { sayings: Saying[]; passedOn: PassedOn[] } {
  const { possibilities, property } = makeEvaluator(tree);
  const sayings: Saying[] = [];
  const passedOn: PassedOn[] = [];
  const texts = (found: { value: unknown }[] | undefined) =>
    (found ?? []).map(({ value }) => typeof value === "string" ? value : "…");

  const add = (site: Node, code: Node, message: Read, fix: Read, severity: Read = () => undefined) => {
    const { path } = tree.moduleOf(site);
    const known = possibilities(code, new Map(), true);
    const codes = known.length > 0 ? known : possibilities(code, new Map(), false);
    const isUnknown = (value: unknown) => typeof value !== "string" || !/[A-Z]/.test(value);
    if (codes.length === 0 || codes.some(({ value }) => isUnknown(value))) {
      passedOn.push({ path, code: tree.textOf(code) });
    }
    for (const { value, choices } of codes) {
      if (typeof value !== "string" || !/^[A-Z0-9_…]*$/.test(value) || isUnknown(value)) continue;
      const line = site.loc!.start.line;
      const isWarning = texts(severity(choices)).includes("warning");
      for (const said of message(choices) ?? [{ value: undefined, choices }]) {
        const advice = texts(fix(said.choices));
        const sentence = typeof said.value === "string" ? said.value : "…";
        for (const each of advice.length > 0 ? advice : [undefined]) {
          sayings.push({ code: value, message: sentence, fix: each, isWarning, path, line });
        }
      }
    }
  };

  /** A sentence as it stands beside its code; where nothing of it is known, followed further. */
  const followed = (read: (isDeep: boolean) => Possibility[] | undefined): Possibility[] | undefined => {
    const near = read(false);
    if (!near || near.some(({ value }) => typeof value === "string" && /[a-z]/i.test(value))) return near;
    const far = read(true)?.filter(({ value }) => typeof value === "string" && /[a-z]/i.test(value)) ?? [];
    return far.length > 0 && far.length <= mostFollowed ? far : near;
  };

  for (const made of tree.all("NewExpression")) {
    if (made.callee.type !== "Identifier" || made.callee.name !== "OperatorError") continue;
    const [code, message, options] = made.arguments;
    add(made, code, (choices) => followed((isDeep) => possibilities(message, choices, isDeep)), (choices) => {
      if (options.type === "ObjectExpression") return followed((isDeep) => property(options, "fix", choices, isDeep));
      const given = possibilities(options, choices, true);
      return given.flatMap(({ value, choices }) =>
        typeof value === "object" ? followed((isDeep) => property(value, "fix", choices, isDeep)) ?? [] : []
      );
    });
  }
  for (const object of tree.all("ObjectExpression")) {
    const keys = object.properties.map((member) =>
      member.type === "ObjectProperty" && member.key.type === "Identifier" ? member.key.name : member.type
    );
    const code = object.properties[keys.indexOf("code")];
    if (code?.type !== "ObjectProperty" || !(keys.includes("message") || keys.includes("SpreadElement"))) continue;
    const read = (name: string) => (choices: Choices) => followed((isDeep) => property(object, name, choices, isDeep));
    add(object, code.value, read("message"), read("fix"), read("severity"));
  }
  return { sayings, passedOn };
}

type Read = (choices: Choices) => { value: unknown; choices: Choices }[] | undefined;
