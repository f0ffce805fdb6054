import { readRegularText } from "../../system/regular_file.ts";
import { join } from "node:path";

/** Names of accounts or groups, and their numbers. */
export interface Accounts {
  idOf(name: string): number | undefined;
  nameOf(id: number): string | undefined;
}

/**
 * Reads `/etc/passwd` or `/etc/group`.
 *
 * @param root Where restored files lie: if they brought their own, their numbers are theirs.
 */
export async function readAccounts(file: "passwd" | "group", root = "/"): Promise<Accounts> {
  const text = await readRegularText(join(root, "etc", file), { followLinks: false })
    .catch(() => readRegularText(join("/etc", file)))
    .catch(() => "");
  const ids = new Map(
    text.split("\n").flatMap((line) => {
      const [name, , id] = line.split(":");
      return id === undefined ? [] : [[name, Number(id)] as const];
    }),
  );
  return {
    idOf: (name) => /^\d+$/.test(name) ? Number(name) : ids.get(name),
    nameOf: (id) => [...ids].find(([, known]) => known === id)?.[0],
  };
}
