import { isS3Address } from "../../storage/open_store.ts";
import { fillIn } from "./fill_in.ts";
import type { FirstConfig } from "./first_config.ts";
import { commandOf, isElsewhereOnHost, runs } from "./scheduled_runs.ts";
import failedTemplate from "./templates/failed.service" with { type: "text" };
import serviceTemplate from "./templates/job.service" with { type: "text" };
import timerTemplate from "./templates/job.timer" with { type: "text" };

/** Services and timers for systemd, by file name. */
export function systemdUnits(config: FirstConfig, program: string): Record<string, string> {
  const isS3 = isS3Address(config.store);
  const isElsewhere = isElsewhereOnHost(config.store);
  const units: Record<string, string> = { "pgrehearse-failed@.service": failedTemplate };
  for (const { job, what, often, calendar } of runs) {
    const needsIdentity = config.isEncrypted && job === "drill";
    const credentials = [
      ...isS3 ? ["LoadCredential=aws:/etc/pgrehearse/aws-credentials", "SetCredential=aws:# none"] : [],
      ...needsIdentity ? ["LoadCredential=identity:/etc/pgrehearse/identity"] : [],
    ];
    units[`pgrehearse-${job}.service`] = fillIn(serviceTemplate, {
      JOB: job,
      WHAT: what,
      COMMAND: commandOf(job, program) + (needsIdentity ? " --identity %d/identity" : ""),
      AFTER: job === "drill" ? "pgrehearse-backup.service" : "",
      CREDENTIALS: credentials,
      ENVIRONMENT: isS3 ? "Environment=AWS_SHARED_CREDENTIALS_FILE=%d/aws" : "",
      MORE_SECRETS: [
        ...isS3 ? ["#   /etc/pgrehearse/aws-credentials  as in ~/.aws/credentials"] : [],
        ...needsIdentity
          ? ["#   /etc/pgrehearse/identity     what decrypts; safer on another host than the one that makes backups"]
          : [],
      ],
      // It must be there, and the service's own.
      MOUNTS: isElsewhere ? `RequiresMountsFor=${quoted(config.store)}` : "",
      WRITABLE: isElsewhere
        ? [
          `# Made beforehand: install -d -o postgres -m 0700 ${config.store}`,
          `ReadWritePaths=${quoted(config.store)}`,
        ]
        : [],
    });
    units[`pgrehearse-${job}.timer`] = fillIn(timerTemplate, { WHAT: what, OFTEN: often, CALENDAR: calendar });
  }
  return units;
}

/** As units quote a path. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}
