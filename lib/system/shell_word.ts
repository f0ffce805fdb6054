/** A word as a shell takes it: quoted, unless it needs no quotes. */
export function shellWord(word: string): string {
  return /^[\w./:=@,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
