import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { findClientTools } from "../../../lib/postgres/tools.ts";
import { runDrill } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { pgDump, startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";
import { codes, said } from "../../support/verdicts.ts";

Deno.test("plain dumps are programs that another person wrote", async (t) => {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const into = server.url();
  const at = (file: string) => join(directory.path, file);
  const write = async (file: string, text: string | Uint8Array) => {
    if (typeof text === "string") await Deno.writeTextFile(at(file), text);
    else await Deno.writeFile(at(file), text);
    return at(file);
  };
  const marks = at("marks");
  await Deno.mkdir(marks);
  await Deno.chmod(marks, 0o777);

  await t.step("no command for psql is obeyed: plain or packed, here or there, it is refused", async () => {
    const commands = [
      `\\! touch ${marks}/a`,
      `SELECT 1; \\! touch ${marks}/b`,
      `\\set x \`touch ${marks}/c\``,
      `\\o |touch ${marks}/d\nSELECT 1;`,
      `SELECT 1 \\g |touch ${marks}/e`,
      `\\copy t FROM PROGRAM 'touch ${marks}/f; echo 5'`,
      `\\copy (SELECT 1) TO '${marks}/g'`,
      `SELECT '\\! touch ${marks}/h' \\gexec`,
      `\\if true\n\\! touch ${marks}/i\n\\endif`,
      `\\i /nonexistent.sql`,
      `COPY t FROM stdin;\n1\n\\.\n\\! touch ${marks}/j`,
      `-- Name: orders\n\\! touch ${marks}/k`,
    ];
    for (const [place, command] of commands.entries()) {
      const text = `CREATE TABLE t (a integer);\nINSERT INTO t VALUES (1);\n${command}\nINSERT INTO t VALUES (2);\n`;
      // So that the command straddles two pieces of the file as well.
      const far = `CREATE TABLE t (a integer);\n--${"x".repeat(1024 * 1024 - 40)}\n${command}\n`;
      const inputs: [string, string | Uint8Array][] = [["x.sql", text], ["x.sql.gz", gzipSync(text)], ["far.sql", far]];
      for (const [name, content] of inputs) {
        const path = await write(`${place}-${name}`, content);
        for (const options of place === 0 ? [{ into }, {}] : [{ into }]) {
          const verdict = await runDrill(path, options);
          assert.equal(verdict.verdict, "unknown", said(verdict));
          assert.deepEqual(codes(verdict), ["DUMP_RUNS_COMMANDS"]);
          assert.ok(verdict.findings[0].message.includes(` of ${place}-${name} is `), said(verdict));
        }
        await Deno.remove(path);
      }
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(marks)), []);
  });

  await t.step("another database of a server is out of a dump's reach", async () => {
    const victim = await server.makeDatabase();
    const sql = await server.connect(victim);
    await sql`CREATE TABLE precious (id integer)`;
    for (
      const [text, code] of [
        [`CREATE TABLE t (); \\c ${victim}\nDROP TABLE precious;`, "DUMP_CONNECTS_ELSEWHERE"],
        [`CREATE TABLE t ();\n \\connect ${victim}\nDROP TABLE precious;`, "DUMP_CONNECTS_ELSEWHERE"],
        [`CREATE TABLE t ();\\c ${victim}\r\nDROP TABLE precious;`, "DUMP_CONNECTS_ELSEWHERE"],
        [`CREATE TABLE t ();\nALTER DATABASE ${victim} RENAME TO gone;`, "DUMP_REACHES_OUT"],
        [`CREATE TABLE t ();\nCREATE ROLE intruder SUPERUSER;`, "DUMP_REACHES_OUT"],
      ]
    ) {
      const verdict = await runDrill(await write("reach.sql", text), { into });
      assert.equal(verdict.verdict, "unknown", said(verdict));
      assert.deepEqual(codes(verdict), [code]);
    }
    assert.equal((await sql`SELECT FROM precious`).length, 0);
    await sql.end();
  });

  await t.step("rows of a COPY that fails are not taken for statements", async () => {
    const path = await write(
      "copy.sql",
      "CREATE TABLE t (a text);\nCOPY nowhere (a) FROM stdin;\nx'; DROP TABLE t; --\nDROP TABLE t;\n\\! ls\n\\.\n" +
        "INSERT INTO t VALUES ('kept');\n",
    );
    const verdict = await runDrill(path, { into });
    assert.deepEqual(codes(verdict), ["RESTORE_FAILED"], said(verdict));
    assert.match(verdict.findings[0].detail!, /^copy\.sql:2: ERROR: {2}relation "nowhere" does not exist$/m);
    assert.doesNotMatch(verdict.findings[0].detail!, /syntax/);
    assert.deepEqual(verdict.contents![0].rows_by_table, [{ table: "public.t", rows: 1 }]);
  });

  await t.step("a dump cut short fails, with CRLF, a banner or a program's words in front as well", async () => {
    const name = await server.makeDatabase();
    const sql = await server.connect(name);
    await sql`CREATE TABLE a AS SELECT n, 'row ' || n AS v FROM generate_series(1, 20) AS n`;
    await sql`CREATE TABLE b AS SELECT * FROM a`;
    await sql.end();
    await pgDump(server, name, ["-f", at("whole.sql")]);
    const whole = await Deno.readTextFile(at("whole.sql"));
    const between = whole.slice(0, whole.indexOf("COPY public.b"));
    const within = whole.slice(0, whole.indexOf("row 7") + 5);
    const ends = whole.indexOf("-- PostgreSQL database dump complete");
    for (const cut of [between, within, whole.slice(0, ends)]) {
      for (
        const form of [
          cut,
          cut.replaceAll("\n", "\r\n"),
          `\uFEFF${cut}`,
          `-- made by our cron job\n\n${cut}`,
          `pg_dump: warning: this is no good\n${cut}`,
        ]
      ) {
        const verdict = await runDrill(await write("cut.sql", form), { into });
        assert.equal(verdict.verdict, "fail", said(verdict));
        assert.deepEqual(codes(verdict), ["DUMP_TRUNCATED"]);
      }
    }
    const mixed = await runDrill(await write("mixed.sql", `pg_dump: warning: it's\n${whole}`), { into });
    assert.deepEqual([mixed.proof, codes(mixed)], ["restored", ["DUMP_HAS_MESSAGES"]], said(mixed));
    const twice = await runDrill(await write("twice.sql", whole + between), { into });
    assert.deepEqual(codes(twice), ["DUMP_TRUNCATED"]);
    for (const text of ["BEGIN;\nCREATE TABLE t ();\n", "CREATE TABLE t ();\nCREATE FUNCTION f() AS $$ SELECT 1;\n"]) {
      assert.deepEqual(codes(await runDrill(await write("open.sql", text), { into })), ["DUMP_TRUNCATED"]);
    }
    const crlf = await runDrill(await write("crlf.sql", whole.replaceAll("\n", "\r\n")), { into });
    assert.equal(crlf.proof, "restored", said(crlf));
    const { rows, rows_by_table } = crlf.contents![0];
    assert.equal(rows, 40);
    assert.deepEqual(rows_by_table[0], { table: "public.a", rows: 20, copied: 20 });
  });

  await t.step("bytes of any encoding arrive as they are, and text is read as the dump says", async () => {
    const latin = "SET client_encoding = 'LATIN1';\nCREATE TABLE t (v text);\nINSERT INTO t VALUES ('caf\xe9');\n" +
      "SET standard_conforming_strings = off;\nINSERT INTO t VALUES ('a\\'; \\! b');\n" +
      "SELECT 1 / (length(string_agg(v, '')) - 12)::integer FROM t;\n";
    const bytes = Uint8Array.from(latin, (character) => character.charCodeAt(0));
    const verdict = await runDrill(await write("latin.sql", bytes), { into });
    assert.equal(verdict.proof, "restored", said(verdict));
    // No encoding at all: in a database of UTF-8 these bytes would be no text.
    const ascii = Uint8Array.from(
      "SET client_encoding = 'SQL_ASCII';\nCREATE TABLE t (v text);\nCOPY t FROM stdin;\ncaf\xe9\n\\.\n" +
        "SELECT 1 / (current_setting('server_encoding') = 'SQL_ASCII')::integer;\n",
      (character) => character.charCodeAt(0),
    );
    const restored = await runDrill(await write("ascii.sql", ascii), { into });
    assert.equal(restored.proof, "restored", said(restored));
  });

  await t.step("what fails and does no harm is known by its SQLSTATE, not by words", async () => {
    const path = await write("half.sql", "CREATE TABLE t (a integer);\nINSERT INTO nowhere VALUES (1);\n");
    const verdict = await runDrill(path, { into });
    assert.deepEqual(codes(verdict), ["RESTORE_FAILED"], said(verdict));
    const exists = await write("again.sql", "CREATE SCHEMA public;\nDROP TABLE gone;\nCREATE TABLE t (a integer);\n");
    const passed = await runDrill(exists, { into });
    assert.equal(passed.proof, "restored", said(passed));
    assert.deepEqual(passed.notes!.map(({ code }) => code), ["RESTORE_SAID"]);
  });

  await t.step("schemas that a dump of single tables does not make are made", async () => {
    const path = await write(
      "tables.sql",
      'CREATE TABLE "Odd; One".t (a integer);\nINSERT INTO "Odd; One".t VALUES (1);\nCREATE VIEW other.v AS SELECT 1;\n' +
        "CREATE SCHEMA made;\nCREATE TABLE made.t ();\n",
    );
    const verdict = await runDrill(path, { into });
    assert.equal(verdict.proof, "restored", said(verdict));
    assert.equal(verdict.notes, undefined);
  });

  await t.step("in a throwaway cluster a dump gets its roles, and the databases that it makes", async () => {
    const sql = await server.connect();
    await sql.unsafe("CREATE ROLE plain_owner").simple().catch(() => {});
    await sql.unsafe("CREATE DATABASE plain_one").simple();
    await sql.unsafe("CREATE DATABASE plain_two").simple();
    for (const name of ["plain_one", "plain_two"]) {
      const inside = await server.connect(name);
      await inside.unsafe(`
        CREATE SCHEMA s AUTHORIZATION plain_owner;
        CREATE TABLE s.t (id serial PRIMARY KEY, v text);
        INSERT INTO s.t (v) SELECT 'x' FROM generate_series(1, 7);
        ALTER TABLE s.t OWNER TO plain_owner;
        ALTER DEFAULT PRIVILEGES FOR ROLE plain_owner IN SCHEMA s GRANT SELECT ON TABLES TO plain_owner;
        CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e()`).simple();
      await inside.end();
    }
    await pgDump(server, "plain_one", ["--create", "-f", at("create.sql")]);
    await pgDump(server, "plain_one", ["--use-set-session-authorization", "-f", at("session.sql")]);
    const { pgDump: program } = await findClientTools(1);
    const all = await new Deno.Command(program.replace(/pg_dump$/, "pg_dumpall"), {
      args: ["--clean", "--if-exists", "-f", at("all.sql"), "-d", server.url()],
    }).output();
    assert.ok(all.success, new TextDecoder().decode(all.stderr));
    // A locale that this host lacks, and a tablespace: neither is the dump's fault.
    const text = await Deno.readTextFile(at("create.sql"));
    const elsewhere = text.replace(/LOCALE = '[^']*'/, "LOCALE = 'xx_YY.UTF-8' TABLESPACE = far");
    assert.notEqual(elsewhere, text);
    await Deno.writeTextFile(at("create.sql"), elsewhere);
    const created = await runDrill(at("create.sql"));
    assert.equal(created.proof, "restored", said(created));
    assert.ok(codes(created).includes("COLLATION_UNAVAILABLE"), said(created));
    assert.deepEqual(created.contents!.map(({ database, rows }) => [database, rows]), [["plain_one", 7]]);
    const session = await runDrill(at("session.sql"));
    assert.equal(session.proof, "restored", said(session));
    const whole = await runDrill(at("all.sql"));
    assert.equal(whole.proof, "restored", said(whole));
    const rows = new Map(whole.contents!.map(({ database, rows }) => [database, rows]));
    assert.deepEqual([rows.get("plain_one"), rows.get("plain_two")], [7, 7]);
    for (const file of ["create.sql", "all.sql"]) {
      const refused = await runDrill(at(file), { into });
      assert.equal(refused.verdict, "unknown");
      assert.deepEqual(codes(refused), ["DUMP_CONNECTS_ELSEWHERE"]);
    }
    await sql.unsafe("DROP DATABASE plain_one").simple();
    await sql.unsafe("DROP DATABASE plain_two").simple();
    await sql.end();
  });

  await t.step("what cannot be restored alone is named for what it is", async () => {
    const name = await server.makeDatabase();
    const sql = await server.connect(name);
    await sql`CREATE TABLE t (id serial PRIMARY KEY)`;
    await sql`INSERT INTO t VALUES (1), (2), (3)`; // the sequence stays behind
    await sql`ALTER TABLE t ADD CONSTRAINT later CHECK (id > 0) NOT VALID`;
    await sql.end();
    const dump = async (file: string, ...args: string[]) => {
      await pgDump(server, name, [...args, "-f", at(file)]);
      return await runDrill(at(file), { into });
    };
    for (const format of ["-Fp", "-Fc"]) {
      assert.deepEqual(codes(await dump("data", format, "--data-only")), ["DUMP_WITHOUT_DEFINITIONS"]);
      assert.deepEqual(codes(await dump("post", format, "--section=post-data")), ["DUMP_WITHOUT_DEFINITIONS"]);
      const schema = await dump("schema", format, "--schema-only");
      assert.equal(schema.verdict, "pass", said(schema));
      assert.deepEqual(codes(schema), ["NO_ROWS", "NOT_VALIDATED"]);
      const clean = await dump("clean", format, "--clean");
      assert.equal(clean.verdict, "pass", said(clean));
      assert.deepEqual(codes(clean), ["SEQUENCE_BEHIND", "NOT_VALIDATED"]);
      assert.deepEqual([clean.contents![0].tables, clean.contents![0].rows], [1, 3]);
    }
    const globals = await runDrill(await write("globals.sql", "CREATE ROLE a;\nALTER ROLE a WITH LOGIN;\n"));
    assert.deepEqual(codes(globals), ["DUMP_GLOBALS_ONLY"]);
    const newer =
      "-- Dumped by pg_dump version 99.1\nSET future_setting_ = 1;\nSET nonesuch = 1;\nCREATE TABLE t ();\n";
    const future = await runDrill(await write("newer.sql", newer), { into });
    assert.deepEqual([future.verdict, codes(future)], ["unknown", ["DUMP_TOO_NEW"]]);
  });

  await t.step(
    "UTF-16 and what common programs pack is restored, a pipe as well; a FIFO and a device are not opened",
    async () => {
      await pgDump(server, await server.makeDatabase(), ["-f", at("empty.sql")]);
      const text = "CREATE TABLE t (v text);\r\nINSERT INTO t VALUES ('Zürich');\r\n";
      const wide = new Uint8Array(new Uint16Array([...text].map((character) => character.charCodeAt(0))).buffer);
      await write("wide.sql", new Uint8Array([0xff, 0xfe, ...wide]));
      await write("bare.sql", wide);
      await write("text.sql", text);
      const shell = new Deno.Command("sh", {
        args: [
          "-c",
          "bzip2 -k text.sql; xz -k text.sql; tar -cf text.tar text.sql; gzip -k text.tar; mkfifo fifo; " +
          "ln -s /etc/hostname link; tar -cf link.tar text.sql link; tar -cf fifo.tar fifo",
        ],
        cwd: directory.path,
      });
      assert.ok((await shell.output()).success);
      for (const file of ["wide.sql", "bare.sql", "text.sql.bz2", "text.sql.xz", "text.tar.gz"]) {
        const verdict = await runDrill(at(file), { into });
        assert.equal(verdict.proof, "restored", `${file}: ${said(verdict)}`);
        assert.equal(verdict.contents![0].rows, 1);
      }
      for (const path of [at("fifo"), "/dev/zero", at("link.tar"), at("fifo.tar")]) {
        const { status, verdict } = await pgrehearse(["drill", path, "--into", into, "--trust-dump"]);
        assert.deepEqual([status, codes(verdict)], [2, ["NOT_A_FILE"]], said(verdict));
      }
      // What unpacks sees no more of this host than what restores.
      await Deno.mkdir(at("bin"));
      for (const program of ["xz", "tar"]) {
        const there = new TextDecoder().decode((await new Deno.Command("which", { args: [program] }).output()).stdout);
        const script = `#!/bin/sh\n[ -e /run ] || [ -e '${at("text.sql")}' ] && exit 3\nexec ${there.trim()} "$@"\n`;
        await Deno.writeTextFile(at(`bin/${program}`), script, { mode: 0o755 });
      }
      const env = { PATH: `${at("bin")}:${Deno.env.get("PATH")}` };
      for (const file of ["text.sql.xz", "text.tar"]) {
        const { status, verdict } = await pgrehearse(["drill", at(file), "--into", into, "--trust-dump"], { env });
        assert.equal(status, 0, said(verdict));
      }
      const piped = new Deno.Command("bash", {
        args: ["-c", `scripts/pgrehearse drill <(cat '${at("text.sql")}') --into '${into}' --trust-dump --quiet`],
        stderr: "piped",
      });
      const { code, stdout } = await piped.output();
      assert.equal(code, 0, new TextDecoder().decode(stdout));
    },
  );
});
