import { join } from "node:path";
import type { Attack, AttackGround } from "./attack.ts";

// Plain SQL dumps in which psql would obey a command.

/** What psql can be told, by what it leaves where it is obeyed. */
const commands: Record<string, (marks: string) => string> = {
  "a shell command": (marks) => `\\! touch ${marks}/shell`,
  "a variable from a shell": (marks) => `\\set x \`touch ${marks}/backtick\``,
  "output into a pipe": (marks) => `\\o |touch ${marks}/pipe`,
  "long output into a pipe": (marks) => `\\out |touch ${marks}/out`,
  "output into a file": (marks) => `\\o ${marks}/file`,
  "a copy from a program": (marks) => `\\copy public.t FROM PROGRAM 'touch ${marks}/program; echo 5'`,
  "a copy to a file": (marks) => `\\copy (SELECT 1) TO '${marks}/copy'`,
  "the query buffer into a file": (marks) => `SELECT 1 \\w ${marks}/buffer`,
  "a query's result into a pipe": (marks) => `SELECT 1 \\g |touch ${marks}/g`,
  "a query's result into a file": (marks) => `SELECT 1 \\g ${marks}/g`,
  "a query's result, expanded": (marks) => `SELECT 1 \\gx |touch ${marks}/gx`,
  "a large object's export": (marks) => `SELECT lo_from_bytea(4711, 'x');\n\\lo_export 4711 ${marks}/large_object`,
  "the history": (marks) => `\\s ${marks}/history`,
  "an editor": (marks) => `\\setenv PSQL_EDITOR 'touch ${marks}/editor; true'\n\\e`,
  "a pager": (marks) =>
    `\\setenv PAGER 'touch ${marks}/pager; cat'\n\\pset pager always\nSELECT generate_series(1, 500);`,
  "a condition": (marks) => `\\if \`touch ${marks}/condition; echo true\`\n\\endif`,
  "an echo": (marks) => `\\echo \`touch ${marks}/echo\``,
  "results as commands": (marks) => `SELECT '\\! touch ${marks}/gexec' \\gexec`,
  "a variable from a result": (marks) => `SELECT 1 AS x \\gset\n\\! touch ${marks}/gset`,
  "a file that is included": (marks) => `\\i ${marks}/../included.sql`,
  "a file that is included relatively": () => `\\ir included.sql`,
};

/** Where in a dump a command can be. */
const places: Record<string, (command: string) => string> = {
  "at a line's start": (command) => `\n${command}\n`,
  "after blanks": (command) => `\n \t ${command.replaceAll("\n", "\n \t ")}\n`,
  "after a statement": (command) => `\nSELECT 1; ${command}\n`,
  "within a statement": (command) => `\nSELECT 1 ${command}\n;\n`,
  "after a carriage return": (command) => `\nSELECT 1;\r${command}\n`,
  "after a comment": (command) => `\n/* a /* nested */ comment */ ${command}\n`,
  "after rows": (command) => `\nCOPY public.t FROM stdin;\n7\n\\.\n${command}\n`,
  "after a string that ends where it does not seem to": (command) => `\nSELECT 'it ends here \\'; ${command}\n--'\n;\n`,
  "after a string with escapes": (command) => `\nSELECT E'it goes on \\' and ends'; ${command}\n`,
  "after a body in dollars": (command) => `\nDO $a$ BEGIN /* $b$ */ END $a$; ${command}\n`,
  "where a megabyte ends": (command) => `\n--${"x".repeat(1024 * 1024 - 8)}\n${command}\n`,
  "in a line with Windows' end": (command) => `\r\n${command}\r\n`,
};

/** Every command at a line's start, and the commonest one at every place; both plain and compressed. */
export const metaCommands: Attack[] = [
  ...Object.entries(commands).map(([what, command]) => ({ what, command, place: "at a line's start" })),
  ...Object.keys(places).map((place) => ({ what: "a shell command", command: commands["a shell command"], place })),
].flatMap(({ what, command, place }) =>
  [false, true].map((isCompressed) => ({
    name: `plain SQL: ${what} ${place}${isCompressed ? ", compressed" : ""}`,
    async attempt(ground: AttackGround) {
      await Deno.writeTextFile(join(ground.directory, "included.sql"), `\\! touch ${ground.marks}/included\n`);
      await ground.give(join(ground.directory, "included.sql"));
      const dump = await writeDump(ground, places[place](command(ground.marks)), isCompressed);
      await ground.run(["drill", dump, "--trust-dump"]);
    },
  }))
);

/** Ways to have psql leave the database it was given. */
const departures = ["\\c", "\\connect", "SELECT 1; \\c", " \\c", "SELECT 1 \\g \\c"];

export const departingDumps: Attack[] = departures.map((departure) => ({
  name: `plain SQL: ${departure} VICTIM, on a server that was named`,
  needsRoot: true,
  async attempt(ground) {
    await using victim = await makeVictim(ground);
    const dump = await writeDump(ground, `${departure} ${victim.name}\nDROP TABLE precious;\n`, false);
    for (const trust of [[], ["--trust-dump"]]) {
      await ground.run(["drill", dump, "--into", ground.server.url("postgres"), ...trust]);
      await victim.requireUntouched();
    }
  },
}));

async function writeDump(ground: AttackGround, body: string, isCompressed: boolean): Promise<string> {
  const text = `--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a integer);\n${body}\n` +
    "--\n-- PostgreSQL database dump complete\n--\n\n";
  const path = join(ground.directory, isCompressed ? "dump.sql.gz" : "dump.sql");
  const bytes = new Blob([text]).stream();
  await Deno.writeFile(path, isCompressed ? bytes.pipeThrough(new CompressionStream("gzip")) : bytes);
  await ground.give(path);
  return path;
}

async function makeVictim({ server }: AttackGround) {
  const admin = await server.connect();
  const name = await server.makeDatabase();
  const sql = await server.connect(name);
  await sql.unsafe("CREATE TABLE precious (a integer)");
  await sql.end();
  return {
    name,
    async requireUntouched() {
      const inside = await server.connect(name);
      const [{ there }] = await inside<
        { there: boolean }[]
      >`SELECT to_regclass('public.precious') IS NOT NULL AS there`;
      await inside.end();
      if (!there) throw new Error("the other database's table is gone");
    },
    async [Symbol.asyncDispose]() {
      await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
      await admin.end();
    },
  };
}
