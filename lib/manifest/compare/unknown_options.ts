import type { Note } from "../../verdict/verdict.ts";
import type { Definition } from "../definitions.ts";
import { unknownOptionDiffers } from "./findings.ts";

/**
 * Notes which options, unknown to be a user's, differ between two databases: a newer server keeps some for itself.
 *
 * @param pairs An object as it was and as it is.
 */
export function unknownOptionNotes(pairs: Iterable<[expected: Definition, found: Definition]>): Note[] {
  const objects = new Map<string, Set<string>>();
  for (const [{ identity, unknown_options: before = [] }, { unknown_options: now = [] }] of pairs) {
    const differing = new Set(before).symmetricDifference(new Set(now));
    for (const option of differing) {
      const name = option.replace(/^column .*: (?=[^:]*=)/s, "").split("=", 1)[0];
      objects.set(name, (objects.get(name) ?? new Set()).add(identity));
    }
  }
  return [...objects].map(([name, identities]) => {
    const [first, ...others] = identities;
    return unknownOptionDiffers({ option: name, first, more: others.length });
  });
}
