import { defineFinding } from "../../../system/define_finding.ts";

export const noServerSet = defineFinding({
  code: "NO_SERVER_SET",
  means: "unknown",
  says: ({ where }: { where: string }) => ({
    message: `There is no finished backup of a whole server in ${where}.`,
    fix: "Make one with pgrehearse backup --all-databases, or name one database with --database.",
  }),
  examples: [{ where: "/var/backups/pg" }],
});

export const severalServers = defineFinding({
  code: "SEVERAL_SERVERS",
  means: "unknown",
  says: ({ where }: { where: string }) => ({
    message: `${where} holds backups of several whole servers.`,
    fix: "Say which is meant with --system-identifier, or give each server its own store.",
  }),
  examples: [{ where: "/var/backups/pg" }],
});
