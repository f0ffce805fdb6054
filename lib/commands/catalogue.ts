import type { Defined } from "../system/define_finding.ts";
import * as rooms from "./rooms_of_findings.ts";

/** Everything that findings and notes can say, by the codes. */
export const catalogue: readonly Defined[] = Object.values<Record<string, unknown>>(rooms).flatMap((room) =>
  Object.values(room).filter(isDefined)
);

function isDefined(exported: unknown): exported is Defined {
  return exported !== null && ["function", "object"].includes(typeof exported) &&
    Object.hasOwn(exported as object, "codes");
}
