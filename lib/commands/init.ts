import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Scheduler, schedulers } from "../jobs/init/init_options.ts";
import { toolVersion } from "../verdict/tool_version.ts";
import { ask } from "./ask.ts";
import type { Execute } from "./execute.ts";
import { collect, durationMs, wholeNumber } from "./option_values.ts";
import { debugOption, quietOption } from "./options.ts";

const description = `Writes a first configuration, pgrehearse.jsonc, with comments, and beside it its
schema for editors; and whatever shall run a backup every night and a drill
every week: units for systemd, lines for cron, a workflow for GitHub, manifests
for Kubernetes. On a terminal it asks what no option says; elsewhere it asks
nothing. It writes over nothing: if one of the files is there, it writes none.

Passwords are not written. Where --db-url holds one, the configuration takes the
URL from the environment.`;

const epilogue = `
Exit status: 0 the files are written; 2 none is.

Example:
  pgrehearse init --database shop --store /var/backups/pg --systemd --output-dir setup`;

const defaults = { store: "/var/lib/pgrehearse/backups", rto: "1h", rpo: "26h" };

export function initCommand(execute: Execute) {
  return new Command("init")
    .summary("write a first configuration, and what runs it by itself")
    .description(description)
    .addOption(new Option("--output-dir <dir>", "where the files go").default("."))
    .addOption(
      new Option("--database <name>", "a database to back up, on this host or on --db-url's; may be repeated")
        .argParser(collect),
    )
    .addOption(new Option("--db-url <url>", "the database, or the server, as a URL or libpq's keyword=value"))
    .addOption(
      new Option("--store <store>", `where backups go: a directory or s3://bucket/prefix (default: ${defaults.store})`)
        .argParser(notEmpty),
    )
    .addOption(
      new Option("--encrypt <recipient>", "encrypt backups for this age1… recipient; may be repeated")
        .argParser((text, gathered?: string[]) => collect(recipient(text), gathered)),
    )
    .addOption(
      new Option("--rto <duration>", `how soon the databases must be back (default: ${defaults.rto})`)
        .argParser(durationWord),
    )
    .addOption(
      new Option("--rpo <duration>", `how much may be lost (default: ${defaults.rpo})`).argParser(durationWord),
    )
    .addOption(new Option("--systemd", "write hardened services and timers"))
    .addOption(new Option("--cron", "write a file for /etc/cron.d"))
    .addOption(new Option("--github", "write a workflow that rehearses a restore"))
    .addOption(new Option("--kubernetes", "write CronJobs and what they need"))
    .addOption(
      new Option("--program <path>", "where pgrehearse is installed, for systemd and cron")
        .default("/usr/local/bin/pgrehearse").argParser(absolutePath),
    )
    .addOption(
      new Option("--image <image>", "the image that runs on Kubernetes")
        .default(`pgrehearse:${toolVersion.version}`).argParser(imageName),
    )
    .addOption(
      new Option("--shards <n>", "among how many pods of an indexed job the databases are shared out on Kubernetes")
        .default(1).argParser((text) => wholeNumber(text, 1, 1000)),
    )
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async (options, command) => {
      const { systemd, cron, github, kubernetes, ...given } = options;
      const wanted = { systemd, cron, github, kubernetes };
      if (given.shards > 1 && !kubernetes) command.error("error: --shards is for --kubernetes");
      const chosen = schedulers.filter((each) => wanted[each]);
      const isTalking = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
      const said = { ...given, schedulers: chosen.length > 0 ? new Set(chosen) : undefined };
      return await execute(options, async (job) => {
        // Interrupted, the job says so.
        const all = isTalking ? await askForTheRest(said, job.signal).catch(() => said) : said;
        const { database, encrypt, ...answers } = all;
        const { init } = await import("../jobs/init/init.ts");
        return await init({
          ...job,
          ...defaults,
          ...withoutGaps(answers),
          databases: database ?? [],
          recipients: encrypt ?? [],
          schedulers: answers.schedulers ?? new Set(),
        });
      });
    });
}

/** What can be said by options and by answers. */
interface Answers {
  outputDir: string;
  database?: string[];
  dbUrl?: string;
  store?: string;
  encrypt?: string[];
  rto?: string;
  rpo?: string;
  schedulers?: Set<Scheduler>;
  program: string;
  image: string;
  shards: number;
}

async function askForTheRest(said: Answers, signal: AbortSignal): Promise<Answers> {
  const askFor = <T>(text: string, fallback: string, parse: (answer: string) => T) =>
    ask({ text, default: fallback, parse }, signal);
  const answers = { ...said };
  if (said.dbUrl === undefined && said.database === undefined) {
    const question = "Which database? Its name, or a URL without password; nothing for what the environment says.";
    const answer = await askFor(question, "", (text) => text);
    if (/[:=]/.test(answer)) answers.dbUrl = answer;
    else if (answer !== "") answers.database = [answer];
  }
  answers.store ??= await askFor(
    "Where do backups go? A directory, or s3://bucket/prefix.",
    defaults.store,
    notEmpty,
  );
  answers.encrypt ??= await askFor(
    "For which age1… recipients are they encrypted? Nothing for none; pgrehearse keygen makes a key pair.",
    "",
    (text) => words(text).map(recipient),
  );
  answers.rto ??= await askFor("How soon must the databases be back?", defaults.rto, durationWord);
  answers.rpo ??= await askFor("How much may be lost at most?", defaults.rpo, durationWord);
  answers.schedulers ??= await askFor(
    `What shall run it? Any of ${schedulers.join(", ")}; nothing for none.`,
    "",
    (text) => new Set(words(text).map(scheduler)),
  );
  return answers;
}

function withoutGaps<T extends object>(answers: T): T {
  return Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== undefined)) as T;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function scheduler(text: string): Scheduler {
  const found = schedulers.find((each) => each === text);
  if (found) return found;
  throw new InvalidArgumentError(`It must be any of ${schedulers.join(", ")}.`);
}

function notEmpty(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It must not be empty.");
}

function durationWord(text: string): string {
  durationMs(text);
  return text;
}

function recipient(text: string): string {
  if (/^age1[a-z0-9]{10,}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a recipient such as age1…, as pgrehearse keygen says it.");
}

/** What needs quoting is said differently to systemd and to sh: nobody installs programs there. */
function absolutePath(text: string): string {
  if (/^\/[\w./+-]+$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a path from the root, of letters, digits and . / + - _ only.");
}

function imageName(text: string): string {
  if (/^[\w.:/@-]+$/.test(text)) return text;
  throw new InvalidArgumentError("It must be an image's name such as registry.example.com/pgrehearse:1.0.");
}
