import type { CheckKind } from "./check.ts";
import { inventoryCheck } from "./inventory.ts";
import { objectsCheck } from "./objects.ts";
import { httpCheck } from "./http.ts";
import { sqlCheck } from "./sql.ts";

/** Every kind of check, in the order of the documentation. */
export const checkKinds = [
  sqlCheck,
  objectsCheck,
  inventoryCheck,
  httpCheck,
] as unknown as readonly CheckKind[];

/** A check as the configuration asks for it; what else it holds depends on its kind. */
export interface Check {
  kind: string;
  name: string;
  severity: "fail" | "warn" | "review";
  /** In milliseconds. */
  timeout: number;
}
