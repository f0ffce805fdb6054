import { defineNote } from "../../../system/define_finding.ts";

export const databaseNotInSet = defineNote({
  code: "DATABASE_NOT_IN_SET",
  says: ({ database, why }: { database: string; why: string }) => ({
    message: `The database ${database} is not in this backup of the server: ${why}.`,
    object: database,
  }),
  examples: [{ database: "scratch", why: "--exclude-database matches it" }],
});
