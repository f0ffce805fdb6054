import { defineNote } from "../../system/define_finding.ts";

export const restoreSaid = defineNote({
  code: "RESTORE_SAID",
  says: ({ said }: { said: string }) => ({ message: said }),
  examples: [{ said: "pg_restore: warning: the archive was made without large objects." }],
});
