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
