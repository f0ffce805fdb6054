import { defineFinding } from "../../system/define_finding.ts";

export const nothingToWrite = defineFinding({
  code: "NOTHING_TO_WRITE",
  means: "unknown",
  says: () => ({
    message: "No report was asked for.",
    fix: "Give one or more of --html, --junit, --markdown and --openmetrics, each with a file.",
  }),
});

export const manifestOfOther = defineFinding({
  code: "MANIFEST_OF_OTHER",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} does not belong to the backup of any of these verdicts.`,
    fix: "Give the manifest of the backup that the verdict is about, or leave it out.",
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.manifest.json" }],
});

export const metricsUnreadable = defineFinding({
  code: "METRICS_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read ${path}: ${reason}.`,
    fix: "It holds the time of the last pass, which must not be lost. Make it readable, or remove it.",
  }),
  examples: [{ path: "/var/lib/node_exporter/pgrehearse.prom", reason: "permission denied" }],
});

export const verdictUnreadable = defineFinding({
  code: "VERDICT_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read the verdict ${path}: ${reason}.`,
    fix: "Check the path and its permissions.",
  }),
  examples: [{ path: "verdict.json", reason: "no such file or directory" }],
});

export const notAVerdict = defineFinding({
  code: "NOT_A_VERDICT",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `${path} is not a verdict: ${reason}.`,
    fix: "Give a file with the JSON that a pgrehearse command printed on stdout, or an evidence record.",
  }),
  examples: [{ path: "package.json", reason: "it is not JSON" }],
});
