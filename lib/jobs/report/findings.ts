import { defineFinding } from "../../system/define_finding.ts";

export const nothingToWrite = defineFinding({
  code: "NOTHING_TO_WRITE",
  means: "unknown",
  says: () => ({
    message: "No report was asked for.",
    fix: "Name one or more of --html, --junit, --markdown and --openmetrics with a file.",
  }),
});

export const manifestOfOther = defineFinding({
  code: "MANIFEST_OF_OTHER",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} belongs to none of these verdicts' backups.`,
    fix: "Name the manifest of the backup that the verdict is about, or leave it out.",
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.manifest.json" }],
});

export const metricsUnreadable = defineFinding({
  code: "METRICS_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read ${path}: ${reason}.`,
    fix: "It holds when the last run passed, which must not get lost: make it readable, or remove it.",
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
    fix: "Name a file with what a pgrehearse command printed on stdout, or a record of its evidence.",
  }),
  examples: [{ path: "package.json", reason: "it is not JSON" }],
});
