import assert from "node:assert/strict";
import { join } from "node:path";
import { installationOf } from "../../lib/postgres/installation.ts";

Deno.test("installation: what its programs need lies beside them, or where Debian's packages put it", async () => {
  const top = await Deno.realPath(await Deno.makeTempDir({ prefix: "pgr-installation-" }));
  for (const bin of ["usr/lib/postgresql/15/bin", "pgsql/bin"]) {
    await Deno.mkdir(join(top, bin), { recursive: true });
    await Deno.writeTextFile(join(top, bin, "postgres"), "");
  }
  for (const directory of ["usr/lib/postgresql/15/lib", "usr/share/postgresql/15", "pgsql/lib", "pgsql/share"]) {
    await Deno.mkdir(join(top, directory), { recursive: true });
  }
  const found = async (bin: string) => (await installationOf(join(top, bin, "postgres"))).sort();
  const below = (...paths: string[]) => paths.map((path) => join(top, path)).sort();
  assert.deepEqual(await found("pgsql/bin"), below("pgsql/bin", "pgsql/lib", "pgsql/share"));
  assert.deepEqual(
    await found("usr/lib/postgresql/15/bin"),
    below("usr/lib", "usr/lib/postgresql/15/bin", "usr/lib/postgresql/15/lib", "usr/share/postgresql/15"),
  );
  await Deno.remove(top, { recursive: true });
});
