import assert from "node:assert/strict";
import { join } from "node:path";
import { findService } from "../../../lib/postgres/connection/service_file.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";

/** Looks a service up in a file that holds this text. */
async function lookUp(text: string, name: string) {
  const directory = await Deno.makeTempDir();
  try {
    const file = join(directory, "pg_service.conf");
    await Deno.writeTextFile(file, text);
    return (await findService(name, { PGSERVICEFILE: file, PGSYSCONFDIR: directory })).values;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("service file: one section is read, comments and the other sections are not", async () => {
  const text =
    "# all\nhost=outside\n[a]\nhost=a\n\n [b] \n host=b\n#port=1\noptions=-c x=y \nport=5433\nport=2\n[c]\nhost=c\n";
  assert.deepEqual(await lookUp(text, "b"), { host: "b", options: "-c x=y", port: "5433" });
  await assert.rejects(lookUp(text, "d"), { code: "SERVICE_NOT_FOUND" });
});

for (
  const [line, what] of [
    ["host = db1", "no blanks around"],
    ["nonsense", "keyword=value"],
    ["service=b", "another service"],
    ["ldap://directory/x", "LDAP"],
  ]
) {
  Deno.test(`service file: ${line} is refused with file and line`, async () => {
    await assert.rejects(lookUp(`[a]\nport=1\n${line}\n`, "a"), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.equal(error.code, "SERVICE_FILE_INVALID");
      assert.match(error.message, /pg_service\.conf, line 3: /);
      assert.match(error.message + error.fix, new RegExp(what));
      return true;
    });
  });
}

Deno.test("service file: PGSERVICEFILE, else the home directory's, then the system's", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const at = (...names: string[]) => join(directory, ...names);
    await Deno.mkdir(at("home"));
    await Deno.mkdir(at("system"));
    await Deno.writeTextFile(at("named"), "[a]\nhost=named\n");
    await Deno.writeTextFile(at("home", ".pg_service.conf"), "[a]\nhost=home\n[b]\nhost=home\n");
    await Deno.writeTextFile(at("system", "pg_service.conf"), "[a]\nhost=system\n[c]\nhost=system\n");
    const env = { HOME: at("home"), PGSYSCONFDIR: at("system") };
    const named = { ...env, PGSERVICEFILE: at("named") };

    assert.equal((await findService("a", named)).values.host, "named");
    assert.equal((await findService("a", env)).values.host, "home");
    assert.equal((await findService("c", env)).values.host, "system");
    assert.equal((await findService("c", named)).values.host, "system");
    await assert.rejects(findService("b", named), { code: "SERVICE_NOT_FOUND" });
    await assert.rejects(findService("a", { ...env, PGSERVICEFILE: at("missing") }), { code: "SERVICE_FILE_INVALID" });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
