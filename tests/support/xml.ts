/** An element of an XML document. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  /** Directly in it. */
  text: string;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads XML as strictly as the standard asks for what our own writer uses: no comments, no CDATA, no namespaces.
 *
 * @throws {Error} If it is not well-formed, also for a character that XML 1.0 forbids.
 */
export function parseXml(text: string): Element {
  // deno-lint-ignore no-control-regex -- they are what is forbidden
  const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.exec(text);
  if (forbidden || !text.isWellFormed()) throw new Error(`a character that XML forbids at ${forbidden?.index}`);
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, "");
  if (body === text) throw new Error("no XML declaration");
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const token = /<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of body.matchAll(token)) {
    const [whole, closing, opening, attributes, isEmpty, words] = match;
    end = match.index + whole.length;
    if (words !== undefined) open.at(-1)!.text += unescape(words);
    else if (closing !== undefined) {
      if (open.pop()!.name !== closing || open.length === 0) throw new Error(`</${closing}> closes nothing`);
    } else {
      const element: Element = { name: opening, attributes: {}, children: [], text: "" };
      for (const [, key, value] of attributes.matchAll(/([\w-]+)="([^"]*)"/g)) {
        if (key in element.attributes) throw new Error(`${key} stands twice in <${opening}>`);
        element.attributes[key] = unescape(value);
      }
      open.at(-1)!.children.push(element);
      if (!isEmpty) open.push(element);
    }
  }
  if (end !== body.length) throw new Error(`no XML: ${body.slice(end, end + 60)}`);
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim()) throw new Error("not one whole element");
  return root.children[0];
}

function unescape(text: string): string {
  return text.replace(/&(?:(\w+);)?/g, (reference, name) => {
    if (!(name in entities)) throw new Error(`an entity that is none: ${reference}`);
    return entities[name];
  });
}
