import { defineFinding, defineNote } from "../../system/define_finding.ts";

// What the selftest says of the comparison.

export const mutationNotTried = defineFinding({
  code: "MUTATION_NOT_TRIED",
  means: "fail",
  says: ({ name, reason, sql }: { name: string; reason: string; sql: string }) => ({
    message: `"${name}" could not be tried: ${reason}.`,
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
    message: `The comparison did not find that the copy was broken by "${name}": ${findings.join("; ")}.`,
    fix: "A drill on this host may pass what is not right. Please report it, with this verdict.",
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
    message: `The comparison found, ${when}, what is not so: ${findings.join("; ")}.`,
    fix: "A drill on this host may fail what is right. Please report it, with this verdict.",
  }),
  examples: [{ when: "before the first mutation", findings: ["ROW_COUNT_DIFFERS of public.orders"] }],
});

export const mutationsLeftOut = defineNote({
  code: "MUTATIONS_LEFT_OUT",
  says: ({ needs, names }: { needs: string; names: readonly string[] }) => ({
    message: `This server has no ${needs}: left out ${names.map((name) => `"${name}"`).join(", ")}.`,
    object: needs,
  }),
  examples: [{ needs: "ICU", names: ["another collation"] }],
});
