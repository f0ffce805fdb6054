/** How lines are broken. */
interface WrapOptions {
  /** How many characters a line may have; without it nothing is broken. */
  width?: number;
  /** Before the first line. @default {""} */
  first?: string;
  /** Before the others. @default {as many blanks as `first` has characters} */
  rest?: string;
}

/** Breaks a text at blanks; a word that is too long stays whole, to be copied. */
export function wrap(text: string, { width = Infinity, first = "", rest = " ".repeat(first.length) }: WrapOptions) {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = lines.length === 0 ? first : rest;
    let isEmpty = true;
    for (const word of paragraph.split(" ")) {
      if (!isEmpty && line.length + 1 + word.length > width) {
        lines.push(line);
        [line, isEmpty] = [rest, true];
      }
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
    lines.push(line);
  }
  return lines;
}
