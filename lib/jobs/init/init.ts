import template from "./templates/backup_restore.yml" with { type: "text" };
import { join, resolve } from "node:path";
import { tooManyShards } from "../../config/findings.ts";
import type { Scheduler } from "../../options/set_up_options.ts";
import type { Job, JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { toolVersion } from "../../verdict/tool_version.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { fillIn } from "./fill_in.ts";
import { next, passwordNotWritten } from "./findings.ts";
import { type FirstConfig, firstConfig, type FirstConfigOptions } from "./first_config.ts";
import { environmentPath, postgresImage } from "./scheduled_runs.ts";
import { type NewFile, writeAllNew } from "./write_all_new.ts";

interface InitOptions extends JobOptions, FirstConfigOptions {
  /** Where the files go; made if it is not there. */
  outputDir: string;
  schedulers: ReadonlySet<Scheduler>;
  /** Where the program is installed on the host that units and cron lines are for. */
  program: string;
  /** For Kubernetes. */
  image: string;
  /** Among how many pods of Kubernetes the databases are shared out. */
  shards: number;
}

/** Writes a first configuration, and what runs backups and drills by itself; all of it or nothing, and over nothing. */
export function init(options: InitOptions): Promise<Verdict> {
  return runJob("init", options, async (job) => {
    const config = firstConfig(options);
    if (options.shards > config.databases) {
      throw tooManyShards.asked.error({ shards: options.shards, databases: config.databases });
    }
    const files = await job.phase("prepare", () => filesOf(config, options));
    const directory = resolve(options.outputDir);
    const written = await job.phase("write", () => writeAllNew(directory, files));
    job.record({ written });
    for (const path of written) job.say(`wrote ${path}`);
    sayWhatIsNext(job, config, options, join(directory, "pgrehearse.jsonc"));
  });
}

async function filesOf(config: FirstConfig, options: InitOptions): Promise<NewFile[]> {
  const { schedulers, program } = options;
  const { configJsonSchema } = await import("../../config/json_schema.ts"); // with it comes zod
  const below = (folder: string, files: Record<string, string>) =>
    Object.entries(files).map(([name, text]) => ({ name: `${folder}/${name}`, text }));
  const files: NewFile[] = [
    { name: "pgrehearse.jsonc", text: config.text, mode: 0o640 },
    { name: "pgrehearse.schema.json", text: JSON.stringify(configJsonSchema(), null, 2) + "\n" },
  ];
  if (schedulers.has("systemd")) {
    const { systemdUnits } = await import("./systemd_units.ts");
    files.push(...below("systemd", systemdUnits(config, program)));
  }
  if (schedulers.has("cron")) {
    const { cronLines } = await import("./cron_lines.ts");
    files.push(...below("cron.d", { pgrehearse: cronLines(config, program) }));
  }
  if (schedulers.has("github")) {
    files.push(...below(".github/workflows", { "backup-restore.yml": githubWorkflow() }));
  }
  if (schedulers.has("kubernetes")) {
    const { kubernetesManifests } = await import("./kubernetes_manifests.ts");
    files.push(...below("kubernetes", kubernetesManifests(config, options)));
  }
  return files;
}

function sayWhatIsNext(job: Job, { variables }: FirstConfig, { schedulers }: InitOptions, path: string): void {
  if (variables.length > 0) {
    const isHost = schedulers.has("systemd") || schedulers.has("cron");
    job.note(passwordNotWritten({ variables, file: isHost ? environmentPath : undefined }));
  }
  job.note(next({ config: path }));
}

/** A workflow for GitHub Actions that rehearses a restore every week. */
function githubWorkflow(): string {
  return fillIn(template, { VERSION: toolVersion.version, POSTGRES_IMAGE: postgresImage });
}
