import type { Declaration, Declarations, SaidOfOption } from "../options/declaration.ts";
import { BadValue, parseValue } from "../options/parse_value.ts";
import { outputOptions } from "../options/run_options.ts";
import { initDefaults, initOptions, type Scheduler, schedulers } from "../options/set_up_options.ts";
import { settle } from "../options/settle.ts";
import { toolVersion } from "../verdict/tool_version.ts";
import { ask } from "./ask.ts";
import { defineCommand } from "./command.ts";

const description = `Writes a first configuration, pgrehearse.jsonc, with comments, and its schema
for editors. On request it also writes what runs a backup every night and a
drill every week: systemd units, cron lines, a GitHub workflow, Kubernetes
manifests. On a terminal it asks for what no option says. It overwrites
nothing: if one of the files exists, it writes none.

It never writes passwords. If --db-url holds one, the configuration takes the
URL from the environment.`;

const epilogue = `
Exit status: 0 all files were written; 2 none was.

Example:
  pgrehearse init --database shop --store /var/backups/pg --systemd --output-dir setup`;

const options = {
  ...initOptions,
  image: { ...initOptions.image, default: `pgrehearse:${toolVersion.version}` },
  ...outputOptions,
} as const satisfies Declarations;

export const initCommand = defineCommand({
  name: "init",
  summary: "write a first configuration, and timers for backups and drills",
  description,
  epilogue,
  options,
  async run({ command, said, execute }) {
    if (said.shards !== undefined && said.shards > 1 && !said.kubernetes) {
      command.error("error: --shards is for --kubernetes");
    }
    const chosen = schedulers.filter((each) => said[each]);
    const isTalking = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
    const answered = { ...said, schedulers: chosen.length > 0 ? new Set(chosen) : undefined };
    await execute(said, async (job) => {
      // Interrupted, the job says so.
      const all = isTalking ? await askForTheRest(answered, job.signal).catch(() => answered) : answered;
      const { init } = await import("../jobs/init/init.ts");
      const { databases = [], recipients = [], ...settled } = settle(options, all, initDefaults);
      return await init({
        ...job,
        ...initDefaults,
        ...settled,
        databases,
        recipients,
        schedulers: all.schedulers ?? new Set(),
      });
    });
  },
});

/** What can be said by options and by answers. */
type Answers = SaidOfOption<typeof options> & { schedulers?: Set<Scheduler> };

async function askForTheRest(said: Answers, signal: AbortSignal): Promise<Answers> {
  const askFor = <T>(text: string, fallback: string, parse: (answer: string) => T) =>
    ask({ text, default: fallback, parse }, signal);
  const answers = { ...said };
  if (said.dbUrl === undefined && said.databases === undefined) {
    const question = "Which database? Its name, or a URL without password. Leave empty to use the environment.";
    const answer = await askFor(question, "", (text) => text);
    if (/[:=]/.test(answer)) answers.dbUrl = answer;
    else if (answer !== "") answers.databases = [answer];
  }
  answers.store ??= await askFor(
    "Where do backups go? A directory, or s3://bucket/prefix.",
    initDefaults.store,
    as(initOptions.store),
  );
  answers.recipients ??= await askFor(
    "Which recipients (age1…) can decrypt them? Leave empty for no encryption; pgrehearse keygen makes a key pair.",
    "",
    (text) => parseValue(initOptions.recipients, words(text)) as string[],
  );
  answers.rto ??= await askFor("How soon must the databases be back?", initDefaults.rto, as(initOptions.rto));
  answers.rpo ??= await askFor("How much data may be lost, in time?", initDefaults.rpo, as(initOptions.rpo));
  answers.schedulers ??= await askFor(
    `What will run it? Any of ${schedulers.join(", ")}. Leave empty for none.`,
    "",
    (text) => new Set(words(text).map(scheduler)),
  );
  return answers;
}

/** An answer is read as the option is. */
function as(option: Declaration): (answer: string) => string {
  return (answer) => parseValue(option, [answer]) as string;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function scheduler(text: string): Scheduler {
  const found = schedulers.find((each) => each === text);
  if (found) return found;
  throw new BadValue(`It must be any of ${schedulers.join(", ")}.`);
}
