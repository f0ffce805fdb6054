/** What an option's value is; the same on the command line and in a configuration. */
export type ValueType =
  | "text"
  /** On the command line it may be repeated; in a configuration it is a list. */
  | "texts"
  | "duration"
  | "number"
  | "switch"
  | "choice"
  | "http_url"
  /** A list of `name=value`. */
  | "tags"
  /** A list of `table:column=value,value`. */
  | "required_values";

/**
 * An option that can be set on the command line and in the configuration. The key that it has in a group is its name in
 * the configuration.
 */
export interface Declaration {
  /** As the help shows it: `--lock-timeout <duration>`. */
  readonly flag: string;
  readonly type: ValueType;
  /** For the command line. */
  readonly help: string;
  /** For the configuration. @default {the same as `help`, as a sentence} */
  readonly keyHelp?: string;
  readonly choices?: readonly string[];
  /** Limits of a number. */
  readonly least?: number;
  readonly most?: number;
  /** On the command line; durations in milliseconds. */
  readonly default?: string | number;
  /** How the help shows the default. */
  readonly defaultText?: string;
  /** The environment variable that sets it. */
  readonly env?: string;
  /** What jobs call it. @default {what commander calls the flag} */
  readonly job?: string;
}

/** What commander calls a flag: `lockTimeout` for `--lock-timeout <duration>`, `record` for `--no-record`. */
export function attributeOf({ flag }: Pick<Declaration, "flag">): string {
  const [, name] = /^--(?:no-)?([a-z-]+)/.exec(flag)!;
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
