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
          ? ["#   /etc/pgrehearse/identity     decrypts backups; keep it on a host that does not make them"]
          : [],
      ],
      ...(job === "drill" ? ofDrills : ofOthers),
      // It must be there, and the service's own.
      MOUNTS: isElsewhere ? `RequiresMountsFor=${quoted(config.store)}` : "",
      WRITABLE: isElsewhere
        ? [
          `# Create it first: install -d -o pgrehearse -m 0700 ${config.store}`,
          `ReadWritePaths=${quoted(config.store)}`,
        ]
        : [],
    });
    units[`pgrehearse-${job}.timer`] = fillIn(timerTemplate, { WHAT: what, OFTEN: often, CALENDAR: calendar });
  }
  return units;
}

/** A drill gives the restored copy its own namespaces, and a /proc, which the kernel allows only where it sees a whole one. */
const ofDrills = {
  PROTECT_PROC: "",
  NAMESPACES: [
    "# For the sandbox of the restored copy, which sees less than this unit.",
    "RestrictNamespaces=cgroup ipc mnt net pid user uts",
  ],
  SANDBOX_CALLS: "SystemCallFilter=@mount capset pivot_root setgid setgroups setresgid setresuid setuid",
};

const ofOthers = {
  PROTECT_PROC: ["ProtectKernelLogs=yes", "ProtectKernelTunables=yes", "ProtectProc=invisible"],
  NAMESPACES: "RestrictNamespaces=yes",
  SANDBOX_CALLS: "",
};

/** As units quote a path. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}
