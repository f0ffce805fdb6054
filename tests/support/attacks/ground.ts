import { join } from "node:path";
import { copyProgram, nobody, pathWithout, runAs } from "../ordinary_user.ts";
import { type Outcome, outcomeOf, startPgrehearse } from "../pgrehearse.ts";
import { startTestServer } from "../server.ts";
import type { AttackGround } from "./attack.ts";

/** Who runs the program, and what it may find to isolate with. */
export interface AttackedAccount {
  name: string;
  /** @default {this process' own} */
  uid?: number;
  /** For the program's environment. */
  env?: Record<string, string>;
  /** Whether code without rights may write where marks are: only full isolation keeps it from there. */
  isIsolated: boolean;
}

/** What a command that prints something else is read as. */
const noVerdict = { verdict: "pass", findings: [] } as unknown as Outcome["verdict"];

/** A secret that the caller has in its environment. */
const callersSecret = { CALLERS_SECRET: "4711" };

/** Makes a ground for one account; each attack gets its own directories. */
export async function makeAttackGround(account: AttackedAccount) {
  const server = await startTestServer();
  const admin = await server.connect();
  await admin.unsafe("CREATE ROLE app");
  await admin.end();
  const top = await Deno.makeTempDir({ prefix: "pgr-attacks-" });
  await Deno.chmod(top, 0o755);
  const program = join(top, "program");
  if (account.uid !== undefined) {
    await Deno.mkdir(program);
    await copyProgram(program);
  }
  let tried = 0;
  return {
    async next(): Promise<AttackGround> {
      const directory = join(top, String(++tried));
      const marks = join(directory, "marks");
      await Deno.mkdir(marks, { recursive: true });
      const give = async (path: string) => {
        if (account.uid === undefined) return;
        await new Deno.Command("chown", { args: ["-R", `${account.uid}:${account.uid}`, path] }).output();
      };
      await give(directory);
      await Deno.chmod(directory, 0o755);
      await Deno.chmod(marks, account.isIsolated ? 0o777 : 0o700);
      const temporary = join(directory, "tmp");
      await Deno.mkdir(temporary);
      await Deno.chmod(temporary, 0o1777);
      const env = { ...callersSecret, TMPDIR: temporary, ...account.env };
      return {
        server,
        marks,
        directory,
        isRoot: account.uid === undefined,
        give,
        async run(args, { cwd = directory, env: more = {}, timeoutMs = 120_000 } = {}) {
          const running = account.uid === undefined
            ? startPgrehearse(args, { env: { ...env, ...more }, cwd }).output()
            : runAs({ uid: account.uid, gid: account.uid }, program, args, { env: { ...env, ...more }, cwd });
          const timer = Promise.withResolvers<never>();
          const timeout = setTimeout(() => timer.reject(new Error(`${args[0]} does not end`)), timeoutMs);
          try {
            const output = await Promise.race([running, timer.promise]);
            // A manifest goes to stdout itself.
            if (args[0] === "manifest" && output.status === 0) return { ...output, verdict: noVerdict };
            const outcome = outcomeOf(output);
            const [first] = outcome.verdict.findings;
            if (first?.code === "USAGE" || first?.code === "INTERNAL_ERROR") throw new Error(first.message);
            return outcome;
          } finally {
            clearTimeout(timeout);
          }
        },
        [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
      };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(top, { recursive: true });
    },
  };
}

/** The accounts that the full run tries; what is made for them lies in a directory that all may read. */
export async function attackedAccounts(below: string): Promise<AttackedAccount[]> {
  const postgres = /^postgres:[^:]*:(\d+):/m.exec(await Deno.readTextFile("/etc/passwd"));
  const PATH = await pathWithout(below, "bwrap", "unshare");
  return [
    { name: "root", isIsolated: true },
    { name: "root with an account only", isIsolated: false, env: { PATH } },
    { name: "an ordinary user", uid: nobody, isIsolated: true },
    ...postgres ? [{ name: "the account postgres", uid: Number(postgres[1]), isIsolated: true }] : [],
  ];
}
