import { canaryCheck } from "./canary.ts";
import { chainCheck } from "./chain/chain.ts";
import type { CheckKind } from "./check.ts";
import { distributionCheck } from "./distribution.ts";
import { httpCheck } from "./http/http.ts";
import { idempotencyCheck } from "./idempotency.ts";
import { filesCheck } from "./files/files.ts";
import { inventoryCheck } from "./inventory/inventory.ts";
import { objectsCheck } from "./objects/objects.ts";
import { queueCheck } from "./queue.ts";
import { rowsCheck } from "./rows.ts";
import { sequenceCheck } from "./sequence/sequence.ts";
import { secretsCheck } from "./secrets/secrets.ts";
import { sqlCheck } from "./sql.ts";

/** Every kind of check, in the order of the documentation. */
export const checkKinds = [
  sqlCheck,
  rowsCheck,
  distributionCheck,
  sequenceCheck,
  chainCheck,
  objectsCheck,
  inventoryCheck,
  filesCheck,
  httpCheck,
  secretsCheck,
  idempotencyCheck,
  queueCheck,
  canaryCheck,
] as unknown as readonly CheckKind[];

/** A check as the configuration asks for it; what else it holds depends on its kind. */
export interface Check {
  kind: string;
  name: string;
  severity: "fail" | "warn" | "review";
  /** In milliseconds. */
  timeout: number;
}
