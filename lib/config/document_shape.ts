import { createScanner, type Node } from "jsonc-parser";
import type { ConfigProblem } from "./config_problem.ts";

/** Whoever walks through a deeper one would use up the stack. */
const deepest = 100;

/** Finds brackets within brackets that no configuration has. */
export function nestedTooDeeply(text: string): ConfigProblem | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const offset = scanner.getTokenOffset(); // a string's is that of its quotation mark
    if ("}]".includes(text[offset])) depth--;
    if ("{[".includes(text[offset]) && ++depth > deepest) {
      return { offset, message: `more than ${deepest} nested brackets` };
    }
  }
  return undefined;
}

/**
 * Finds keys that must be mistakes. JSON lets a key appear twice, and the second one wins. And `__proto__` would vanish, in whatever may
 * hold any key.
 */
export function impossibleKeys(root: Node): ConfigProblem[] {
  if (root.type === "object") {
    const seen = new Set<unknown>();
    return (root.children ?? []).flatMap((property) => {
      const [{ value: key, offset }, value] = property.children!;
      const below = value ? impossibleKeys(value) : [];
      if (key === "__proto__") below.unshift({ offset, message: 'nothing can be called "__proto__"' });
      if (seen.has(key)) below.unshift({ offset, message: `the key ${JSON.stringify(key)} appears twice` });
      seen.add(key);
      return below;
    });
  }
  return (root.children ?? []).flatMap(impossibleKeys);
}
