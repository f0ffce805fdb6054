import { withoutControls } from "../printable.ts";

/** Text that is HTML already. Only {@linkcode html} makes it, and that escapes whatever is put into it. */
class Html {
  constructor(readonly text: string) {}
}

export type { Html };

/** What a template may hold: text is escaped, HTML is not, lists are joined, nothing is nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[];

/**
 * Makes HTML of a template, everything escaped that is put into it.
 *
 * Holds between tags and in double-quoted attributes; nothing may be put into a tag's or attribute's name, a style or a
 * script.
 */
export function html(template: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(template.reduce((text, part, index) => text + render(contents[index - 1]) + part));
}

/** Trusts a text to be HTML: for our own constants, and what a library has escaped. */
export function trusted(text: string): Html {
  return new Html(text);
}

function render(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(render).join("");
  return escape(String(content));
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => entities[character]);
}
