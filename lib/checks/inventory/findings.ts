import { defineFinding } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

/** Objects of a bucket that are not as they were recorded. */
interface Compared {
  check: string;
  address: string;
  count: number;
  /** Their names, where they may be shown. */
  shown?: readonly string[];
}
const proofs = { check: "proofs", address: "s3://shop-proofs", count: 2 };
const are = (count: number) => count === 1 ? "is" : "are";

export const inventoryTooSmall = defineFinding({
  code: "INVENTORY_TOO_SMALL",
  means: "fail",
  says: ({ check, bucket, recorded }: { check: string; bucket: string; recorded: number }) => ({
    message: `${check}: ${counted(recorded, "object")} ${recorded === 1 ? "was" : "were"} recorded in ${bucket}.`,
    fix: 'Check bucket and prefix. "minimum" sets how many objects there must be.',
  }),
  examples: [{ check: "proofs", bucket: "s3://shop-proofs", recorded: 0 }],
});

export const inventoryMissing = defineFinding({
  code: "INVENTORY_MISSING",
  means: "fail",
  says: ({ check, address, count, recorded, shown }: Compared & { recorded: number }) => ({
    message: `${check}: ${count} of ${counted(recorded, "recorded object")} ${are(count)} missing in ${address}.`,
    fix: "Restore them from the bucket's versions or from its copy.",
    detail: shown?.join("\n"),
  }),
  examples: [{ ...proofs, recorded: 1204 }],
});

export const inventoryChanged = defineFinding({
  code: "INVENTORY_CHANGED",
  means: "fail",
  says: ({ check, address, count, recorded, recordedIn, shown }: Compared & {
    recorded: number;
    /** Which bucket was recorded, if it is another one. */
    recordedIn?: string;
  }) => ({
    message: `${check}: ${count} of ${counted(recorded, "recorded object")} in ${address} ${
      are(count)
    } not the same now.`,
    fix: recordedIn === undefined
      ? "Find out who replaced them, and restore the right versions."
      : `The objects were recorded in ${recordedIn}. A copy may have other ETags, and has other versions: record with ` +
        "sha256.",
    detail: shown?.join("\n"),
  }),
  examples: [{ ...proofs, recorded: 1204 }, { ...proofs, recorded: 1204, recordedIn: "s3://shop-proofs-copy" }],
});

const added = ({ check, address, count, shown }: Compared) => ({
  message: `${check}: ${counted(count, "object")} in ${address} ${
    count === 1 ? "was" : "were"
  } not there when the bucket was recorded.`,
  fix: "Find out who put them there.",
  detail: shown?.join("\n"),
});
export const inventoryAdded = defineFinding({
  code: "INVENTORY_ADDED",
  means: "fail",
  says: added,
  examples: [proofs],
});

export const inventoryNotRecorded = defineFinding({
  code: "INVENTORY_NOT_RECORDED",
  means: "unknown",
  says: () => ({
    message: "The backup holds no inventory for this check.",
    fix: "Make a backup with this configuration. It records the inventory under the check's name.",
  }),
});
