import { defineFinding, defineNote } from "../../system/define_finding.ts";

// What the selftest says of the comparison.

export const mutationNotTried = defineFinding({
  code: "MUTATION_NOT_TRIED",
  means: "fail",
  says: ({ name, reason, sql }: { name: string; reason: string; sql: string }) => ({
    message: `Could not try the change "${name}": ${reason}.`,
    fix: "Please report it, with this verdict.",
    object: name,
    detail: sql,
  }),
  examples: [{ name: "a row is gone", reason: "permission denied", sql: "DELETE FROM orders WHERE id = 1" }],
});

export const mutationMissed = defineFinding({
  code: "MUTATION_MISSED",
  means: "fail",
  says: ({ name, findings, sql }: { name: string; findings: readonly string[]; sql: string }) => ({
    message: `The comparison missed the change "${name}"; it should have found ${findings.join("; ")}.`,
    fix: "A drill on this host may pass a wrong restore. Please report it, with this verdict.",
    object: name,
    detail: sql,
  }),
  examples: [{
    name: "a row is gone",
    findings: ["ROW_COUNT_DIFFERS of public.orders"],
    sql: "DELETE FROM orders WHERE id = 1",
  }],
});

export const falseAlarm = defineFinding({
  code: "FALSE_ALARM",
  means: "fail",
  says: ({ when, findings }: { when: string; findings: readonly string[] }) => ({
    message: `The comparison raised a false alarm ${when}: ${findings.join("; ")}.`,
    fix: "A drill on this host may fail a correct restore. Please report it, with this verdict.",
  }),
  examples: [{ when: "before the first mutation", findings: ["ROW_COUNT_DIFFERS of public.orders"] }],
});

export const mutationsLeftOut = defineNote({
  code: "MUTATIONS_LEFT_OUT",
  says: ({ needs, names }: { needs: string; names: readonly string[] }) => ({
    message: `This server has no ${needs}, so these changes were left out: ${
      names.map((name) => `"${name}"`).join(", ")
    }.`,
    object: needs,
  }),
  examples: [{ needs: "ICU", names: ["another collation"] }],
});
