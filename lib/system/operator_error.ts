/** What a failure says about the question asked: nothing (`unknown`, exit 2), or that something is not right (`fail`, exit 1). */
export type Consequence = "unknown" | "fail";

/** What an {@linkcode OperatorError} carries besides its code and its sentence. */
interface OperatorErrorOptions {
  /** One sentence: what the operator should do. */
  fix: string;
  /** Output of a tool or the server, when it adds something. */
  detail?: string;
  /**
   * What this failure says about the question asked.
   * @default {"unknown"}
   */
  consequence?: Consequence;
  /** The error underneath, shown under `--debug`. */
  cause?: unknown;
}

/**
 * A failure that an operator can act on; it becomes a finding in the verdict, without a stack trace.
 *
 * Everything else that is thrown counts as our own mistake and is reported as `INTERNAL_ERROR`.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly fix: string;
  readonly detail: string | undefined;
  readonly consequence: Consequence;

  /**
   * @param code Stable, in capitals: `PG_DUMP_TOO_OLD`.
   * @param message One sentence that says what is wrong, and on what.
   */
  constructor(readonly code: string, message: string, options: OperatorErrorOptions) {
    super(message, { cause: options.cause });
    this.fix = options.fix;
    this.detail = options.detail;
    this.consequence = options.consequence ?? "unknown";
  }
}

/**
 * Why the system did not do what we asked, in its own words but for what Deno adds: flags that our binary does not have,
 * and the call and the path, which our sentence already has.
 *
 * @returns Words that can follow a colon, without a full stop.
 */
export function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const refused = /^Requires .*? access to (.+?), (?:specify the required permissions|run again with the --allow)/.exec(
    said,
  );
  if (refused) {
    const [, what] = refused;
    return /\/(proc|sys|dev)\b/.test(what)
      ? "pgrehearse keeps no files in /proc, /sys and /dev"
      : `pgrehearse does not use ${what === "<CWD>" ? "it" : what}`;
  }
  const words = said
    .replace(/ \(os error \d+\)(: \w+ ('.*'))?$/s, "")
    .replace(/^E[A-Z]+: (.*?), \w+( '.*')?$/s, "$1") // as node:fs says it
    .replace(/\.$/, "");
  return words.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
