import { defineFinding } from "../../system/define_finding.ts";

export const noServerSet = defineFinding({
  code: "NO_SERVER_SET",
  means: "unknown",
  says: ({ where }: { where: string }) => ({
    message: `There is no finished backup of a whole server in ${where}.`,
    fix: "Make one with pgrehearse backup --all-databases, or name one database with --database.",
  }),
  examples: [{ where: "/var/backups/pg" }],
});
