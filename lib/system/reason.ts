/**
 * Why the system did not do what we asked, in its own words but for what Deno adds: flags that our binary does not have,
 * and the call and the path, which our sentence already has.
 *
 * @returns Words that can follow a colon, without a full stop.
 */
export function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const refused = /^Requires .*? access to (.+?), (?:specify the required permissions|run again with the --allow)/.exec(
    said,
  );
  if (refused) {
    const [, what] = refused;
    return /\/(proc|sys|dev)\b/.test(what)
      ? "pgrehearse keeps no files in /proc, /sys and /dev"
      : `pgrehearse does not use ${what === "<CWD>" ? "it" : what}`;
  }
  const words = said
    .replace(/ \(os error \d+\)(: \w+ ('.*'))?$/s, "")
    .replace(/^E[A-Z]+: (.*?), \w+( '.*')?$/s, "$1") // as node:fs says it
    .replace(/\.$/, "");
  return words.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
