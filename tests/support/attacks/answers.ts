import { join } from "node:path";
import type { Attack, AttackGround } from "./attack.ts";

// What servers and tools say, in messages that are shown.

const secret = "123-45-6789";

/** Statements whose refusal quotes a secret, in a dump that is restored. */
const tellTales: Record<string, string> = {
  "a row that violates a check": `INSERT INTO public.t VALUES (1, '${secret}'); ALTER TABLE public.t ADD CHECK (a > 1)`,
  "a row of COPY": `COPY public.t (a, b) FROM stdin;\nx\t${secret}\n\\.\n`,
  "a key that is there twice":
    `INSERT INTO public.t VALUES (1, '${secret}'), (1, '${secret}'); CREATE UNIQUE INDEX ON public.t (b)`,
  "a user mapping's password": `CREATE USER MAPPING FOR postgres SERVER gone OPTIONS (password '${secret}')`,
  "a server's options": `CREATE SERVER s FOREIGN DATA WRAPPER gone OPTIONS (password '${secret}')`,
  "a subscription's connection":
    `CREATE SUBSCRIPTION s CONNECTION 'host=gone password=${secret}' PUBLICATION p WITH (connect = maybe)`,
  "a role's password": `ALTER ROLE gone PASSWORD '${secret}' CONNECTION LIMIT -7`,
};

async function writeDump({ directory, give }: AttackGround, statement: string): Promise<string> {
  const path = join(directory, "shop.sql");
  const text = "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a integer, b text);\n" +
    `${statement};\n--\n-- PostgreSQL database dump complete\n--\n\n`;
  await Deno.writeTextFile(path, text);
  await give(path);
  return path;
}

export const tellingMessages: Attack[] = Object.entries(tellTales).map(([what, statement]) => ({
  name: `server's messages: ${what}`,
  async attempt(ground) {
    const { stdout, stderr, verdict } = await ground.run(["drill", await writeDump(ground, statement), "--trust-dump"]);
    if (verdict.verdict === "pass") throw new Error("nothing was said: it passed");
    if (verdict.findings[0]?.code === "DUMP_RUNS_COMMANDS") throw new Error("nothing was run");
    if ((stdout + stderr).includes(secret)) throw new Error("it shows the secret");
  },
}));

/** What terminals, browsers and log readers obey, in the names of objects. */
const controls: Record<string, string> = {
  "ESC": "\x1b]0;x\x07\x1b[2J",
  "C1": "\x9b2J",
  "right to left": "\u202egpj",
  "another line": "\u2028::error::x",
  "a carriage return": "\r::add-mask::x",
};

const obeyed = /[^\P{Cc}\n\t]|\u202e|\u2028/u;

export const controllingNames: Attack[] = Object.entries(controls).map(([what, name]) => ({
  name: `names of objects: ${what}`,
  async attempt(ground) {
    const dump = await writeDump(ground, `ALTER TABLE public."a${name}b" ADD COLUMN c integer`);
    const { stdout, stderr, verdict } = await ground.run(["drill", dump, "--trust-dump"]);
    if (verdict.verdict === "pass") throw new Error("nothing was said: it passed");
    if (obeyed.test(stderr)) throw new Error("stderr holds it");
    const path = join(ground.directory, "verdict.json");
    await Deno.writeTextFile(path, stdout);
    await ground.give(path);
    for (const format of ["--markdown", "--openmetrics", "--junit", "--html"]) {
      const report = join(ground.directory, `report${format}`);
      await ground.run(["report", path, format, report]);
      if (obeyed.test(await Deno.readTextFile(report))) throw new Error(`${format} holds it`);
    }
  },
}));
