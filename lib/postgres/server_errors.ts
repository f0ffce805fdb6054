/** An error of the server, as far as the one who heard of it knows it. */
export interface ServerError {
  /** Absent where a program passed on no more than words. */
  sqlstate?: string;
  message: string;
  hint?: string;
  /** The functions that were running. */
  context?: string;
}

/** For `log_line_prefix`: the SQLSTATE is in front of every line but the further lines of a message. */
export const logLinePrefix = "%e ";

/** Reads the errors in a server's log that is written with {@linkcode logLinePrefix}, in English. */
export function errorsInLog(log: string): ServerError[] {
  const errors: ServerError[] = [];
  for (const [, sqlstate, kind, message] of log.matchAll(/^([0-9A-Z]{5}) ([A-Z]+): +(.*(?:\n\t.*)*)/gm)) {
    const last = errors.at(-1);
    if (["ERROR", "FATAL", "PANIC"].includes(kind)) errors.push({ sqlstate, message });
    else if (last?.sqlstate !== sqlstate) continue;
    else if (kind === "HINT") last.hint = message;
    else if (kind === "CONTEXT") last.context = message;
  }
  return errors;
}

/** Which signal ended a process of the server, and with it all of them; `undefined` if none did. */
export function crashSignal(log: string): number | undefined {
  const signal = /^\S+ LOG: +.* was terminated by signal (\d+)/m.exec(log)?.[1];
  return signal === undefined ? undefined : Number(signal);
}

/**
 * Reads the server's errors in what pg_restore said of them.
 *
 * @returns `undefined` if the server does not speak English: pg_restore passes on no SQLSTATE.
 */
export function errorsPassedOn(stderr: string): ServerError[] | undefined {
  const errors: ServerError[] = [];
  const said = /^(?:pg_restore|psql)[^\n]*?: ([^\s:]+): {2}(.*(?:\n(?!pg_restore: |psql:).*)*)/gm;
  for (const [, severity, text] of stderr.matchAll(said)) {
    if (!["ERROR", "FATAL", "PANIC"].includes(severity)) return undefined;
    errors.push({
      message: text.split("\n", 1)[0],
      hint: /^HINT: +(.*)/m.exec(text)?.[1],
      context: /^CONTEXT: +(.*)/m.exec(text)?.[1],
    });
  }
  return errors;
}
