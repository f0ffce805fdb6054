import { join } from "node:path";

/** An extension that this host's PostgreSQL has for the time of a test. */
export interface TestExtension extends AsyncDisposable {
  name: string;
  /** Takes it from the host. */
  remove(): Promise<void>;
}

/** Where PostgreSQL 15 of Debian keeps them; writing there needs root. */
const directory = "/usr/share/postgresql/15/extension";

/** Whether an extension can be installed here. */
export const canInstallExtensions = Deno.uid() === 0 && await Deno.stat(directory).then(() => true, () => false);

/** Installs an extension that consists of this SQL. */
export async function installExtension(suffix: string, script: string, control = ""): Promise<TestExtension> {
  const name = `pgrehearse_test_${Deno.pid}_${suffix}`;
  const files = { [`${name}.control`]: `default_version = '1.0'\n${control}`, [`${name}--1.0.sql`]: script };
  const remove = async () => {
    for (const file of Object.keys(files)) await Deno.remove(join(directory, file)).catch(() => {});
  };
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(directory, file), text);
    await Deno.chmod(join(directory, file), 0o644);
  }
  return { name, remove, [Symbol.asyncDispose]: remove };
}
