import type { DatabaseLocale } from "../../postgres/like_database.ts";
import type { Finding } from "../../verdict/verdict.ts";

/** What is said of a database of somebody else's dump that was made without the collation that it should have. */
export function collationUnavailable({ locale, collation }: DatabaseLocale): Finding {
  return {
    code: "COLLATION_UNAVAILABLE",
    severity: "warning",
    message: `This host lacks the collation ${locale ?? collation}: the database sorts by code points instead.`,
    fix:
      "Install the locale (locale-gen), or drill on a server that has it, to see the same order and the same indexes.",
  };
}
