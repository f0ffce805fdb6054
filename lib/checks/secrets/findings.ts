import { defineFinding, defineNote } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

const fix = "Revoke it at its issuer, find out how it got there, and remove it, also from backups that hold it. " +
  "If it is only a test value, allow it by its hash.";

export const secretFound = defineFinding({
  code: "SECRET_FOUND",
  means: "fail",
  says: ({ check, column, what, count }: { check: string; column: string; what: string; count: number }) => ({
    message: `${check}: ${column} holds a secret (${what}) in ${counted(count, "row")}.`,
    fix,
    object: column,
    expected: 0,
    actual: count,
  }),
  examples: [{ check: "no secrets", column: "shop.settings.value", what: "AWS secret access key", count: 1 }],
});

export const secretInObject = defineFinding({
  code: "SECRET_IN_OBJECT",
  means: "fail",
  says: ({ check, address, what, count, names }: {
    check: string;
    address: string;
    what: string;
    count: number;
    /** Some of the objects' names. */
    names: string;
  }) => ({
    message: `${check}: ${counted(count, "object")} in ${address} ${
      count === 1 ? "holds" : "hold"
    } a secret (${what}).`,
    fix,
    detail: names,
    object: address,
    expected: 0,
    actual: count,
  }),
  examples: [{ check: "no secrets", address: "s3://exports", what: "private key", count: 2, names: "2026/keys.txt" }],
});

export const secretsPartlyRead = defineNote({
  code: "SECRETS_PARTLY_READ",
  says: ({ check, address, count, mebibytes }: {
    check: string;
    address: string;
    count: number;
    mebibytes: number;
  }) => ({
    message: `${check}: looked at only the first ${mebibytes} MiB of ${counted(count, "object")} in ${address}.`,
  }),
  examples: [{ check: "no secrets", address: "s3://exports", count: 12, mebibytes: 8 }],
});

export const nothingToLookAt = defineFinding({
  code: "NOTHING_TO_LOOK_AT",
  means: "unknown",
  says: ({ address, prefix }: { address: string; prefix: string }) => ({
    message: `${address} has no object whose name begins with "${prefix}".`,
    fix: "Correct bucket and prefix, or leave them out.",
  }),
  examples: [{ address: "s3://exports", prefix: "2026/" }],
});
