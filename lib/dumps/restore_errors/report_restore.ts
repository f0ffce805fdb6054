import { restoreFailed } from "../../postgres/findings/dumps.ts";
import { retell } from "../../system/define_finding.ts";
import type { OperatorError } from "../../system/operator_error.ts";
import { restoreSaid, serverNotUnderstood, targetRoleMayNot } from "../findings.ts";
import type { Job } from "../../run/job.ts";
import { findHostTroubles, type RestoreTrouble } from "./host_troubles.ts";
import { findLacks, findNotCreated } from "./lacks.ts";
import { findFault } from "./source_faults.ts";

/** What came of a restore, and where it was. */
interface RestoreOutcome extends Omit<RestoreTrouble, "errors"> {
  /** `undefined` if they are in a language that we do not understand. */
  errors: RestoreTrouble["errors"] | undefined;
}

/**
 * Records what came of a restore.
 *
 * A fault of the dump, or of the database it is of, is a failure. What this host or its server lacks or ran out of, and
 * what the role there may not do, says nothing about the backup: it is thrown, and the verdict is `unknown`.
 *
 * @throws {AggregateError} of `OperatorError`, each of which, where it names an object, has the finding that it will be as its cause.
 */
export function reportRestore(job: Job, { status, stderr, errors, log }: RestoreOutcome): void {
  const said = stderr.trim();
  if (status !== 0) {
    const causes = errors === undefined ? [serverNotUnderstood.error()] : firstOf(
      () => findHostTroubles({ status, stderr, errors, log }),
      () => findLacks(errors),
      () => log === undefined ? findForbidden(errors) : [],
      () => findNotCreated(errors),
    );
    if (causes.length > 0) throw new AggregateError(withDetail(causes, said));
  }
  const failed = restoreFailed.withErrors({ said, fault: findFault(errors ?? [], job.soFar().findings) });
  job.expect("restore_status", { expected: 0, actual: status }, failed);
  if (status === 0 && said) job.note(restoreSaid({ said }));
}

function firstOf(...looks: (() => OperatorError[])[]): OperatorError[] {
  for (const look of looks) {
    const found = look();
    if (found.length > 0) return found;
  }
  return [];
}

/** What was said belongs to all of them, and is shown once. */
function withDetail([first, ...others]: OperatorError[], said: string): OperatorError[] {
  return [retell(first, { detail: said, cause: first.cause }), ...others];
}

/** Of a server of somebody's; in our own the dump's roles may do what they could at the source. */
function findForbidden(errors: RestoreTrouble["errors"]): OperatorError[] {
  const forbidden = errors.filter(({ sqlstate, message }) =>
    sqlstate === "42501" ||
    (sqlstate === undefined && /^(permission denied|must be (superuser|owner|member))|is not allowed$/.test(message))
  );
  if (forbidden.length === 0) return [];
  return [targetRoleMayNot.error({ refusals: [...new Set(forbidden.map(({ message }) => message))] })];
}
