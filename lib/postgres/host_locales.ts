import { run } from "../system/child_process.ts";

/** A locale of the C library that can be made here. */
export interface LocaleSource {
  /** As `locale -a` calls it: `de_DE.utf8`. */
  name: string;
  /** What localedef takes: `de_DE`, `UTF-8`. */
  input: string;
  charmap: string;
}

const i18n = "/usr/share/i18n";

/**
 * Finds out how to make locales that this host lacks, out of the sources that its package `locales` brings.
 *
 * A server that is given some looks for all of them there, so these are all of `names` that can be made, or none, where
 * none is missing. What can neither be had nor made is left to the server to refuse.
 *
 * @param names As Postgres knows them: `de_DE.UTF-8`, `en_US.utf8`, `C`.
 */
export async function localesToMake(names: Iterable<string>): Promise<LocaleSource[]> {
  const wanted = [...new Set(names)].filter((name) => !/^(C|POSIX)(\.utf-?8)?$/i.test(name));
  if (wanted.length === 0) return [];
  const { stdout, status } = await run("locale", ["-a"], { env: { LC_ALL: "C" } })
    .catch(() => ({ stdout: "", status: 1 }));
  const present = new Set(stdout.split("\n").map(normalized));
  if (status !== 0 || wanted.every((name) => present.has(normalized(name)))) return [];
  const supported = await Deno.readTextFile(`${i18n}/SUPPORTED`).catch(() => "");
  const known = [...supported.matchAll(/^(\S+) (\S+)$/gm)].map(([, name, charmap]) => ({ name, charmap }));
  const sources = new Map<string, LocaleSource>();
  for (const name of wanted) {
    const source = await sourceOf(name, known);
    if (source) sources.set(source.name, source);
  }
  return [...sources.values()];
}

async function sourceOf(
  name: string,
  known: { name: string; charmap: string }[],
): Promise<LocaleSource | undefined> {
  const parts = /^([a-z]{2,3}_[A-Z]{2})(?:\.([A-Za-z0-9-]+))?(@[a-z]+)?$/.exec(name);
  if (!parts) return undefined;
  const [, territory, codeset, modifier = ""] = parts;
  const input = territory + modifier;
  const charmap = codeset === undefined
    ? known.find((each) => each.name === input)?.charmap
    : known.find((each) => plain(each.charmap) === plain(codeset))?.charmap;
  const exists = await Deno.stat(`${i18n}/locales/${input}`).then(({ isFile }) => isFile, () => false);
  return charmap !== undefined && exists ? { name: normalized(name), input, charmap } : undefined;
}

/** As the C library compares them: `de_DE.utf8`, `de_DE.utf8@euro`. */
function normalized(name: string): string {
  return name.replace(/\.([^@]+)/, (_, codeset) => `.${plain(codeset)}`);
}

function plain(codeset: string): string {
  return codeset.toLowerCase().replace(/[^a-z0-9]/g, "");
}
