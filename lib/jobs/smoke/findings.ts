import { defineFinding } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

export const wipeIncomplete = defineFinding({
  code: "WIPE_INCOMPLETE",
  means: "fail",
  says: ({ tables }: { tables: number }) => ({
    message: `${counted(tables, "table")} ${tables === 1 ? "is" : "are"} left after the wipe.`,
    fix: "With these tables left, the restore would prove nothing. Use another database.",
  }),
  examples: [{ tables: 2 }],
});

export const notDisposable = defineFinding({
  code: "NOT_DISPOSABLE",
  means: "unknown",
  says: ({ objects }: { objects: string }) => ({
    message: `The database is not empty: it holds ${objects}. Nothing was touched.`,
    fix: "Leave out --in-place to use a separate scratch database, or mark this one as disposable: " +
      "COMMENT ON DATABASE … IS 'pgrehearse: disposable'.",
  }),
  examples: [{ objects: "14 tables and 3 functions" }],
});
