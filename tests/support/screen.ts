/**
 * What a terminal shows after it was sent some text: lines, without blanks at their ends. Knows the few control sequences
 * that progress is drawn with, and throws on others.
 */
export function screenAfter(text: string, columns = 80): string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  for (let at = 0; at < text.length;) {
    const [, count, order] = text[at] === "\x1b" && /^\[([\d;]*)([A-Za-z])/.exec(text.slice(at + 1, at + 20)) || [];
    if (order) {
      at += 3 + count.length;
      if (order === "A") row = Math.max(0, row - Number(count || 1));
      else if (order === "G") column = Number(count || 1) - 1;
      else if (order === "K" && count === "2") lines[row] = [];
      else if (order === "K") lines[row].length = Math.min(lines[row].length, column);
      else if (order === "J") {
        lines.length = row + 1;
        lines[row].length = Math.min(lines[row].length, column);
      } else if (order !== "m") throw new Error(`unexpected control sequence ${count}${order}`);
      continue;
    }
    const sign = text[at++];
    if (sign === "\x1b") throw new Error(`unexpected escape before ${JSON.stringify(text.slice(at, at + 8))}`);
    if (sign === "\r") column = 0;
    else if (sign === "\n") [row, column] = [row + 1, 0];
    else {
      if (column === columns) [row, column] = [row + 1, 0];
      const line = lines[row] ??= [];
      while (line.length < column) line.push(" ");
      line[column++] = sign;
    }
    while (lines.length <= row) lines.push([]);
  }
  return lines.map((line) => line.join("").trimEnd());
}
