import type { Finding } from "../../verdict/verdict.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Job } from "../job.ts";
import { findHostTroubles, type RestoreTrouble } from "./host_troubles.ts";
import { findLacks, findNotCreated } from "./lacks.ts";
import { adviseSource } from "./source_faults.ts";

/** What came of a restore, and where it was. */
export interface RestoreOutcome extends Omit<RestoreTrouble, "errors"> {
  /** `undefined` if they are in a language that nobody here understands. */
  errors: RestoreTrouble["errors"] | undefined;
}

/**
 * Records what came of a restore.
 *
 * A fault of the dump, or of the database it is of, is a failure. What this host or its server lacks or ran out of, and
 * what the role there may not do, says nothing about the backup: it is thrown, and the verdict is `unknown`.
 *
 * @throws {AggregateError} of `OperatorError`, each of which has the finding that it will be as its cause.
 */
export function reportRestore(job: Job, { status, stderr, errors, log }: RestoreOutcome): void {
  const said = stderr.trim();
  if (status !== 0) {
    const causes = errors === undefined ? [notUnderstood] : firstOf(
      () => findHostTroubles({ status, stderr, errors, log }),
      () => findLacks(errors),
      () => log === undefined ? findForbidden(errors) : [],
      () => findNotCreated(errors),
    );
    if (causes.length > 0) throw asErrors(causes, said);
  }
  job.assertEqual("restore_status", 0, status);
  if (status !== 0) {
    job.find({
      code: "RESTORE_FAILED",
      message: "The dump does not restore without errors.",
      fix: adviseSource(errors ?? [], job.soFar().findings) ??
        "See the detail for what was said; make a new backup, and keep this one for the inquiry.",
      detail: said,
    });
  } else if (said) job.note({ code: "RESTORE_SAID", message: said });
}

function firstOf(...looks: (() => Finding[])[]): Finding[] {
  for (const look of looks) {
    const found = look();
    if (found.length > 0) return found;
  }
  return [];
}

function asErrors(findings: Finding[], said: string): AggregateError {
  return new AggregateError(
    findings.map((finding, index) => {
      const { code, message, fix } = finding;
      return new OperatorError(code, message, { fix, detail: index === 0 ? said : undefined, cause: finding });
    }),
  );
}

/** Of a server of somebody's; in our own the dump's roles may do what they could at the source. */
function findForbidden(errors: RestoreTrouble["errors"]): Finding[] {
  const forbidden = errors.filter(({ sqlstate, message }) =>
    sqlstate === "42501" ||
    (sqlstate === undefined && /^(permission denied|must be (superuser|owner|member))|is not allowed$/.test(message))
  );
  if (forbidden.length === 0) return [];
  const each = [...new Set(forbidden.map(({ message }) => message))];
  return [{
    code: "TARGET_ROLE_MAY_NOT",
    message: `The role on the server that is restored into may not do all that the dump asks for: ${each.join("; ")}.`,
    fix: "Leave out --into (a throwaway cluster lets it), name a role that may, or leave such objects out of the dump.",
  }];
}

const notUnderstood: Finding = {
  code: "SERVER_NOT_UNDERSTOOD",
  message: "The restore met errors, and the server tells them in another language than English: nobody can sort them.",
  fix:
    "Let the role set the language (as a superuser: GRANT SET ON PARAMETER lc_messages TO …), or drill without --into.",
};
