import { defineFinding } from "../../system/define_finding.ts";

export const markOnStandby = defineFinding({
  code: "MARK_ON_STANDBY",
  means: "unknown",
  says: ({ server }: { server: string }) => ({
    message: `The server ${server} is a standby: nothing can be written into its WAL.`,
    fix: "Run mark against the primary.",
    object: server,
  }),
  examples: [{ server: "db2:5432" }],
});
