import assert from "node:assert/strict";
import { join } from "node:path";
import type { Outcome } from "../../support/pgrehearse.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { findProgram } from "../../support/find_program.ts";
import { needing } from "../../support/needing.ts";
import { copyProgram, pathWithout, runAsNobody } from "../../support/ordinary_user.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

// A role of the source that owns one schema, and code there that acts where it runs as a superuser.
const trojan = (mark: string) => `
  CREATE ROLE app LOGIN;
  CREATE SCHEMA app AUTHORIZATION app;
  GRANT ALL ON SCHEMA public TO app;
  SET ROLE app;
  CREATE FUNCTION app.wakes() RETURNS text LANGUAGE plpgsql AS $f$
  BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE $q$COPY (SELECT 1) TO PROGRAM
        'cat >/dev/null; id >${mark}/ran; (setsid sh -c "sleep 1; touch ${mark}/outlived" &) ; true'$q$;
    END IF;
    RETURN current_user;
  END $f$;
  CREATE MATERIALIZED VIEW app.view AS SELECT app.wakes() AS ran_as;
  CREATE FUNCTION app.wakes_for(integer) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT app.wakes()';
  CREATE TABLE app.t (a integer CHECK (a > 0 AND app.wakes() IS NOT NULL));
  INSERT INTO app.t VALUES (1);
  CREATE INDEX t_wakes ON app.t (app.wakes_for(a));`;

interface Ground extends AsyncDisposable {
  server: TestServer;
  /** Who may write to it is everybody. */
  mark: string;
  dump: string;
  marks(): Promise<string[]>;
}

async function makeGround(): Promise<Ground> {
  const server = await startTestServer();
  const directory = await traceableDirectory();
  const mark = join(directory.path, "mark");
  await Deno.mkdir(mark);
  await Deno.chmod(mark, 0o777);
  await Deno.mkdir(join(directory.path, "store"), { mode: 0o755 });
  const admin = await server.connect();
  await admin.unsafe("CREATE DATABASE shop");
  await admin.end();
  const sql = await server.connect("shop");
  await sql.unsafe(trojan(mark));
  await sql.end();
  const made = await pgrehearse(["backup", "--db-url", server.url("shop"), "--to", join(directory.path, "store")]);
  assert.equal(made.status, 0, made.stderr);
  const marks = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return await Array.fromAsync(Deno.readDir(mark), ({ name }) => name);
  };
  assert.deepEqual(await marks(), []);
  const dump = made.verdict.backup!.path;
  return {
    server,
    mark,
    dump,
    marks,
    async [Symbol.asyncDispose]() {
      await directory[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const codes = ({ verdict }: Outcome) => verdict.findings.map(({ code }) => code);

Deno.test({
  ...needing({ root: Deno.uid() === 0, unshare: await findProgram("unshare") }, "isolation: a role's code in a backup"),
  async fn(t) {
    await using ground = await makeGround();
    const { server, dump, mark, marks } = ground;
    await t.step("runs as the role in a cluster of ours, and leaves no mark", async () => {
      await using temporary = await traceableDirectory();
      const drill = await pgrehearse(["drill", dump, "--keep-running"], { env: { TMPDIR: temporary.path } });
      assert.deepEqual([drill.status, drill.verdict.proof, codes(drill)], [0, "exact", []], drill.stderr);
      assert.deepEqual(drill.verdict.isolation, { level: "full", lacks: [] });
      const [reach, remove] = ["reach the restored database", "remove it"].map((what) =>
        new RegExp(`To ${what}: (.*)`).exec(drill.stderr)![1]
      );
      assert.equal(await shell(`${reach} -Atc 'SELECT ran_as FROM app.view'`), "app");
      assert.equal(
        await shell(`${reach} -Atc "SELECT rolsuper OR rolcanlogin FROM pg_roles WHERE rolname = 'app'"`),
        "f",
      );
      await shell(remove);
      assert.deepEqual(await marks(), []);
      assert.deepEqual(await temporary.traces(), []);
    });
    await t.step(
      "a superuser's does nothing to this host either, and dies with the run, also with kill -9",
      async () => {
        const reached = join(mark, "reached");
        const sql = await server.connect("shop");
        await sql.unsafe(`
        CREATE FUNCTION public.acts() RETURNS integer LANGUAGE plpgsql AS $f$
        BEGIN
          IF to_regclass('public.source') IS NULL THEN
            EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; touch ${reached}; setsid sleep 7654 & true'$q$;
            PERFORM pg_sleep(60);
          END IF;
          RETURN 1;
        END $f$;
        CREATE TABLE public.source ();
        CREATE MATERIALIZED VIEW public.acting AS SELECT public.acts() AS a`);
        await sql.end();
        await using temporary = await traceableDirectory();
        const path = join(temporary.path, "dump");
        await shell(`pg_dump -Fc --exclude-table=public.source -f ${path} '${server.url("shop")}'`);
        await using work = await traceableDirectory();
        const { startPgrehearse } = await import("../../support/pgrehearse.ts");
        const running = startPgrehearse(["drill", path, "--jobs", "1"], { env: { TMPDIR: work.path } });
        while (!(await shell("ps -eo args=")).split("\n").includes("sleep 7654")) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        running.kill("SIGKILL");
        await running.output();
        assert.deepEqual(await work.traces(), []);
        assert.equal((await shell("ps -eo args=")).split("\n").includes("sleep 7654"), false);
        assert.deepEqual(await marks(), []);
        const cleaning = await server.connect("shop");
        await cleaning.unsafe(
          "DROP MATERIALIZED VIEW public.acting; DROP FUNCTION public.acts(); DROP TABLE public.source",
        );
        await cleaning.end();
      },
    );
    await t.step("is not restored as a superuser of a named server, and as another role it is", async () => {
      const admin = await server.connect();
      await admin.unsafe("CREATE ROLE drill LOGIN CREATEDB");
      await admin.end();
      const refused = await pgrehearse(["drill", dump, "--into", server.url()]);
      assert.deepEqual([refused.status, codes(refused)], [2, ["INTO_SUPERUSER"]]);
      const drill = await pgrehearse(["drill", dump, "--into", server.url().replace("postgres@", "drill@")]);
      assert.deepEqual([drill.status, codes(drill)], [0, []], drill.stderr);
      assert.equal(drill.verdict.isolation!.level, "server");
      assert.deepEqual(await marks(), []);
    });
    await using program = await traceableDirectory();
    await copyProgram(program.path);
    await using opened = await traceableDirectory();
    const foreign = join(opened.path, "shop.dump");
    await Deno.copyFile(dump, foreign);
    await Deno.chmod(foreign, 0o644);
    const drillAs = (options: { uid?: number; gid?: number; path?: string }, ...args: string[]) =>
      runAsNobody(program.path, ["drill", "--no-record", foreign, ...args], opened.path, options);

    await t.step("an ordinary user's drill is as isolated, by bubblewrap or without it", async () => {
      for (const path of [Deno.env.get("PATH")!, await pathWithout(opened.path, "bwrap")]) {
        const drill = await drillAs({ path });
        assert.deepEqual([drill.status, codes(drill)], [0, []], drill.stderr);
        assert.deepEqual(drill.verdict.isolation, { level: "full", lacks: [] });
      }
      assert.deepEqual(await marks(), []);
    });
    await t.step("the account of database servers is told that it is none to drill as", async () => {
      const account = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await Deno.readTextFile("/etc/passwd"));
      if (!account) return;
      const drill = await drillAs({ uid: Number(account[1]), gid: Number(account[2]) });
      assert.deepEqual([drill.status, codes(drill)], [0, ["ISOLATION_INCOMPLETE"]], drill.stderr);
      assert.deepEqual(drill.verdict.isolation, { level: "namespaces", lacks: ["account"] });
      assert.deepEqual(await marks(), []);
    });
    await t.step("without any isolation it is restored only by who vouches for it", async () => {
      const path = await pathWithout(opened.path, "bwrap", "unshare");
      const refused = await drillAs({ path });
      assert.deepEqual([refused.status, codes(refused)], [2, ["ISOLATION_MISSING"]]);
      const drill = await drillAs({ path }, "--trust-dump");
      assert.deepEqual([drill.status, codes(drill)], [0, ["ISOLATION_INCOMPLETE"]], drill.stderr);
      assert.equal(drill.verdict.isolation!.level, "none");
    });
    await t.step("as root without namespaces it is refused as well, and else an account's alone", async () => {
      const env = { PATH: await pathWithout(opened.path, "bwrap", "unshare") };
      const refused = await pgrehearse(["drill", dump], { env });
      assert.deepEqual([refused.status, codes(refused)], [2, ["ISOLATION_MISSING"]]);
      const drill = await pgrehearse(["drill", dump, "--trust-dump"], { env });
      assert.deepEqual([drill.status, codes(drill)], [0, ["ISOLATION_INCOMPLETE"]], drill.stderr);
      assert.deepEqual(drill.verdict.isolation, { level: "account", lacks: ["files", "network", "processes"] });
    });
  },
});

async function shell(command: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", command] }).output();
  assert.ok(success, `${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
