import { fillIn } from "./fill_in.ts";
import type { FirstConfig } from "./first_config.ts";
import { commandOf, environmentPath, isElsewhereOnHost, runs } from "./scheduled_runs.ts";
import template from "./templates/cron" with { type: "text" };

/** A file for /etc/cron.d. */
export function cronLines({ variables, store }: FirstConfig, program: string): string {
  const needsEnvironment = variables.length > 0;
  return fillIn(template, {
    STORE: isElsewhereOnHost(store) ? `#   install -d -o pgrehearse -g pgrehearse -m 0700 ${store}` : "",
    ENVIRONMENT: needsEnvironment
      ? [`# and ${environmentPath}, of mode 0640 and group pgrehearse, with ${variables.join(", ")} as NAME='value'.`]
      : [],
    LINES: runs.map(({ job, cron }) => `${cron} pgrehearse ${lineOf(job, program, needsEnvironment)}`),
  });
}

/** A command for sh. It holds no `%`, which cron takes for the end of the line. */
function lineOf(job: string, program: string, needsEnvironment: boolean): string {
  const run = `flock --nonblock --conflict-exit-code 75 ${job}.lock ${commandOf(job, program)}`;
  const told = `tail -n 40 ${job}.log; echo "pgrehearse ${job} ended with status $status"`;
  return [
    "cd /var/lib/pgrehearse",
    "umask 077",
    ...needsEnvironment ? ["set -a", `. ${environmentPath}`, "set +a"] : [],
    `{ ${run} >>${job}.verdicts 2>>${job}.log || { status=$?; ${told}; exit $status; }; }`,
  ].join(" && ");
}
