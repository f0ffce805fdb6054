/** What a summary is written for. */
export interface Screen {
  /** Lines are broken at this; absent in a log, where they are not. */
  columns?: number;
  /** The summary should fit into it; absent in a log. */
  rows?: number;
  /** @default {false} */
  hasColor?: boolean;
}

export type Color = "red" | "green" | "yellow";

const codes: Record<Color, number> = { red: 31, green: 32, yellow: 33 };

/** Paints a text, in bold, where there are colors. */
export function paint(text: string, color: Color, { hasColor }: Screen): string {
  return hasColor ? `\x1b[1;${codes[color]}m${text}\x1b[0m` : text;
}

/** Paints the first character that is not a blank: the mark of a line. */
export function paintMark(line: string, color: Color, screen: Screen): string {
  return line.replace(/\S/, (mark) => paint(mark, color, screen));
}
