import { defineFindings } from "../system/define_finding.ts";

/** The command line, or what stands for it in a configuration. */
export const usage = defineFindings({
  code: "USAGE",
  means: "unknown",
  situations: {
    onlyForBuckets: {
      says: ({ address, option }: { address: string; option: string }) => ({
        message: `${address} is a directory, but ${option} works only with s3:// addresses.`,
        fix: "Leave it out, or use s3://bucket/prefix. To encrypt in a directory, use --encrypt.",
      }),
      examples: [{ address: "/backups", option: "storageClass" }],
    },
    commandLine: {
      says: ({ problem, hint }: {
        /** Without a point. */
        problem: string;
        hint?: string;
      }) => ({
        message: `${problem[0].toUpperCase()}${problem.slice(1)}.`,
        fix: hint ?? "pgrehearse --help lists the commands, pgrehearse COMMAND --help its options.",
      }),
      examples: [
        { problem: "No command was given" },
        { problem: "unknown option '--form'", hint: "Did you mean --format?" },
      ],
    },
  },
});
