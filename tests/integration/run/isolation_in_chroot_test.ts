import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../../support/find_program.ts";
import { needing } from "../../support/needing.ts";
import { outcomeOf } from "../../support/pgrehearse.ts";
import { traceableDirectory } from "../../support/traces.ts";

const program = fileURLToPath(new URL("../../../scripts/pgrehearse", import.meta.url));

/** A chroot into a directory that is not a mount, below an init process that sees the mount in which it lies. */
const enter = `
  root=$1 propagation=$2
  shift 2
  mount --make-rprivate / && mount --make-"$propagation" / || exit 99
  mount -t proc proc /proc || exit 99
  for path in /*; do
    if [ -L "$path" ]; then cp -P "$path" "$root$path"; continue; fi
    [ -d "$path" ] || continue
    mkdir -p "$root$path" && mount --rbind "$path" "$root$path" || exit 99
  done
  chroot "$root" "$@"
  exit "$?"`;

Deno.test({
  ...needing({ root: Deno.uid() === 0, unshare: await findProgram("unshare") }, "isolation: in a chroot"),
  async fn(t) {
    await using directory = await traceableDirectory();
    const dump = join(directory.path, "shop.sql");
    await Deno.writeTextFile(
      dump,
      "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a integer);\n" +
        "INSERT INTO public.t VALUES (1);\n--\n-- PostgreSQL database dump complete\n--\n\n",
    );
    const drillIn = async (propagation: string) => {
      const root = join(directory.path, propagation);
      await Deno.mkdir(root);
      const { code, stdout, stderr } = await new Deno.Command("unshare", {
        args: ["--mount", "--pid", "--fork", "sh", "-c", enter, "sh", root, propagation, program, "drill", dump],
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert.notEqual(code, 99, text(stderr));
      return outcomeOf({ status: code, stdout: text(stdout), stderr: text(stderr) });
    };
    await t.step("it is full where what is mounted stays in its own namespace", async () => {
      const { status, verdict, stderr } = await drillIn("private");
      assert.deepEqual([status, verdict.findings], [0, []], stderr);
      assert.deepEqual(verdict.isolation, { level: "full", lacks: [] });
    });
    await t.step("it is an account's alone where it would be seen outside", async () => {
      const { status, verdict, stderr } = await drillIn("shared");
      assert.deepEqual([status, verdict.findings.map(({ code }) => code)], [2, ["ISOLATION_MISSING"]], stderr);
      assert.equal(verdict.isolation!.level, "account");
    });
  },
});
