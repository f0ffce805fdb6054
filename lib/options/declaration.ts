import type { RequiredValues } from "./required_values.ts";
import type { Shard } from "./shard.ts";

/** What an option's value is: on the command line, in its variable, and in a configuration. */
export interface ValueTypes {
  text: string;
  /** On the command line it may be repeated; its variable has commas in between; in a configuration it is a list. */
  texts: string[];
  /** On the command line it may come without a value. */
  optional_text: string | true;
  /** In milliseconds. */
  duration: number;
  /** In bytes. */
  size: number;
  number: number;
  switch: boolean;
  choice: string;
  http_url: string;
  /** A list of `name=value`; by their names. */
  tags: Record<string, string>;
  /** A list of `table:column=value,value`. */
  required_values: RequiredValues[];
  /** A time with its zone. */
  moment: Date;
  shard: Shard;
  /** 64 hex digits. */
  sha256: string;
}

export type ValueType = keyof ValueTypes;

/**
 * An option. The name that it has in its group is what commands and jobs call it. Everything else that speaks of it
 * follows from here: commander's option, its variable, the key's schema, help, completion, manual and documentation.
 */
export interface Declaration {
  /** As the help shows it: `--lock-timeout <duration>`. */
  readonly flag: string;
  readonly type: ValueType;
  /** For the command line. */
  readonly help: string;
  /** A value as people type it, shown with the help. */
  readonly example?: string;
  /** As people type it. A switch is off by default, one whose flag begins with `--no-` is on. */
  readonly default?: string;
  /** What counts on the command line where nothing says it, in words, if no value does. */
  readonly usual?: string;
  readonly choices?: readonly string[];
  /** Limits of a number. */
  readonly least?: number;
  readonly most?: number;
  /** What a text must look like, and how to say that. */
  readonly form?: { readonly pattern: RegExp; readonly says: string };
  /** The environment variable that sets it, or `false`. @default {PGREHEARSE_ and the flag's name} */
  readonly env?: string | false;
  /** Where the configuration says it, `*` being any name: `backup.lock_timeout`, `databases.*.url`. */
  readonly key?: string;
  /** Where it says it if not there. */
  readonly elseKey?: string;
  /** For the configuration. @default {the same as `help`, as a sentence} */
  readonly keyHelp?: string;
  /** Whether the command does nothing without it. */
  readonly required?: true;
  /** Names of options that it cannot be given together with. */
  readonly conflicts?: readonly string[];
  /** The heading in the help. */
  readonly heading?: string;
}

export type Declarations = Readonly<Record<string, Declaration>>;

type ValueOf<D extends Declaration> = D extends { choices: readonly (infer Choice)[] } ? Choice : ValueTypes[D["type"]];

type IsSettled<D extends Declaration> = D extends { default: string } | { type: "switch" } | { required: true } ? true
  : false;

/** The values of a group of options, by their names. What has no default may be left out. */
export type Values<Group extends Declarations> =
  & { [Name in keyof Group as IsSettled<Group[Name]> extends true ? Name : never]: ValueOf<Group[Name]> }
  & { [Name in keyof Group as IsSettled<Group[Name]> extends true ? never : Name]?: ValueOf<Group[Name]> };

/** Those that were said, on the command line or in the environment. */
export type SaidOfOption<Group extends Declarations> = { [Name in keyof Group]?: ValueOf<Group[Name]> };

/** A flag's own name: `--lock-timeout` of `--lock-timeout <duration>`, `--host` of `-h, --host <host>`. */
export function nameOfFlag({ flag }: Pick<Declaration, "flag">): string {
  return /--[a-z-]+/.exec(flag)![0];
}

/** Whether the flag turns something off that is on otherwise. */
export function isNegative({ flag }: Pick<Declaration, "flag">): boolean {
  return flag.startsWith("--no-");
}

/** The environment variable that sets an option: `PGREHEARSE_LOCK_TIMEOUT`. */
export function variableOf({ flag, env }: Pick<Declaration, "flag" | "env">): string | undefined {
  if (env === false) return undefined;
  return env ?? `PGREHEARSE_${nameOfFlag({ flag }).slice(2).toUpperCase().replaceAll("-", "_")}`;
}
