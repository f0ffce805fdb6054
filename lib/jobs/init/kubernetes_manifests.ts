import containerfile from "./templates/Containerfile" with { type: "text" };
import cronJobTemplate from "./templates/cron_job.yml" with { type: "text" };
import headTemplate from "./templates/kubernetes.yml" with { type: "text" };
import volumeClaimTemplate from "./templates/volume_claim.yml" with { type: "text" };
import { isS3Address } from "../../storage/open_store.ts";
import { fillIn } from "./fill_in.ts";
import type { FirstConfig } from "./first_config.ts";
import { configPath, postgresImage, runs } from "./scheduled_runs.ts";

/** Manifests for Kubernetes, and what the image is made of, by file name. */
export function kubernetesManifests(
  config: FirstConfig,
  { image, shards }: { image: string; shards: number },
): Record<string, string> {
  const isDirectory = !isS3Address(config.store);
  const isFleet = shards > 1;
  const cronJobs = runs.map(({ job, cron }) =>
    fillIn(cronJobTemplate, {
      JOB: job,
      SCHEDULE: cron,
      IMAGE: image,
      ARGUMENTS: [
        ...[job, "--config", configPath],
        ...job === "drill" ? ["--trust-dump"] : [],
        ...isFleet ? [`--shard=$(SHARD_INDEX)/${shards}`] : [],
      ].join('", "'),
      TRUST: job === "drill"
        ? [
          "# This pod cannot create namespaces, so the pod itself must isolate the code in a restored backup.",
          "# Put only the needed secrets into its Secret, and restrict its network with a NetworkPolicy.",
        ]
        : [],
      COMPLETION: isFleet
        ? [
          "# Each index takes a share of the databases.",
          "completionMode: Indexed",
          `completions: ${shards}`,
          `parallelism: ${Math.min(shards, mostPods)}`,
          "backoffLimitPerIndex: 0",
        ]
        : ["backoffLimit: 0"],
      SHARD_INDEX: isFleet
        ? [
          "- name: SHARD_INDEX",
          "  valueFrom:",
          "    fieldRef:",
          "      fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']",
        ]
        : [],
      STORE_MOUNT: isDirectory ? ["- name: store", `  mountPath: ${JSON.stringify(config.store)}`] : [],
      STORE_VOLUME: isDirectory ? ["- name: store", "  persistentVolumeClaim:", "    claimName: pgrehearse-store"] : [],
    })
  );
  // Pods on several nodes write to it at the same time.
  const claim = fillIn(volumeClaimTemplate, { ACCESS_MODE: isFleet ? "ReadWriteMany" : "ReadWriteOnce" });
  return {
    "pgrehearse.yaml": [headTemplate, ...isDirectory ? [claim] : [], ...cronJobs].join("---\n"),
    "Containerfile": fillIn(containerfile, { IMAGE: image, POSTGRES_IMAGE: postgresImage }),
  };
}

/** At the same time: they all read from somebody's servers. */
const mostPods = 4;
