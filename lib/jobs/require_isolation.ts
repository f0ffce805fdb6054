import { OperatorError } from "../system/operator_error.ts";
import type { Isolation } from "../verdict/verdict.ts";
import type { Job } from "./job.ts";

/** Whose dump it is, as far as is known. */
export interface Trust {
  /** A key that the operator trusts signed its manifest, or the operator said to trust it. */
  isTrusted: boolean;
}

/**
 * Records how far what is restored is kept from this host, and refuses what nobody vouches for where next to nothing
 * does: a dump is a program.
 *
 * @throws {OperatorError} `ISOLATION_MISSING`
 */
export function requireIsolation(job: Job, isolation: Isolation, { isTrusted }: Trust): void {
  job.record({ isolation });
  if (isolation.level === "full") return;
  const lacks = isolation.lacks.join(", ");
  if (isolation.level !== "namespaces" && !isTrusted) {
    throw new OperatorError(
      "ISOLATION_MISSING",
      `This host gives no isolation (${lacks}), and no trusted key signed the backup: what is in it could run here.`,
      {
        fix:
          "Run as root or as an account that may make namespaces (bubblewrap, or unshare of util-linux; in a container " +
          "they may be forbidden). If you trust everybody who can write this dump, say --trust-dump.",
      },
    );
  }
  const [message, fix] = isolation.level === "namespaces"
    ? [
      "What is restored runs as the account of the host's database servers, though none is in its reach.",
      "Run drills as root or as an account of their own.",
    ]
    : [
      `What is restored is not kept from this host: ${lacks}.`,
      "Run as root or as an account that may make namespaces: with bubblewrap, or unshare of util-linux.",
    ];
  job.find({ code: "ISOLATION_INCOMPLETE", severity: "warning", message, fix });
}
