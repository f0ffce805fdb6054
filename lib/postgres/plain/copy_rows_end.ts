/** How far the rows go in these bytes, and how long the line `\.` behind them is, if it is there. */
export function findCopyRowsEnd(
  all: string,
  at: number,
  isLast: boolean,
  atLineStart: boolean,
): { end: number; terminator: number } {
  const terminator = isLast ? /\\\.(?:\r?\n|\r?$)/y : /\\\.\r?\n/y;
  let place = atLineStart ? at : all.indexOf("\n", at) + 1;
  if (!atLineStart && place === 0) return { end: all.length, terminator: 0 };
  for (;;) {
    terminator.lastIndex = place;
    const found = terminator.exec(all);
    if (found) return { end: place, terminator: found[0].length };
    if (!isLast && all.length - place < 4) return { end: place, terminator: 0 };
    const next = all.indexOf("\n\\.", place);
    if (next < 0) break;
    place = next + 1;
  }
  if (isLast) return { end: all.length, terminator: 0 };
  // Of the last line, only what cannot be the line that ends it.
  const lastLine = all.lastIndexOf("\n") + 1;
  const isOpen = lastLine > at && all.length - lastLine < 4 && "\\.\r".startsWith(all.slice(lastLine));
  return { end: isOpen ? lastLine : all.length, terminator: 0 };
}
