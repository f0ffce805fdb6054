import { type Declaration, type Declarations, isNegative, type SaidOfOption, type Values } from "./declaration.ts";
import { parseValue } from "./parse_value.ts";

/**
 * Decides what each option of a group is: what was said on the command line, else in the environment, else what the
 * configuration says, else the default. Nothing else decides it; a job gets what comes of this.
 *
 * @param said On the command line or in the environment.
 * @param configured As {@linkcode valuesAt} gives it.
 */
export function settle<Group extends Declarations>(
  group: Group,
  said: SaidOfOption<Group>,
  configured: SaidOfOption<Group> = {},
): Values<Group> {
  return withoutGaps(group, (name) => said[name] ?? configured[name] ?? defaultOf(group[name])) as Values<Group>;
}

/** The same for options that count together: if one of them was said, the configuration says nothing of the others. */
export function settleTogether<Group extends Declarations>(
  group: Group,
  said: SaidOfOption<Group>,
  configured: SaidOfOption<Group> = {},
): Values<Group> {
  const isAnySaid = Object.keys(group).some((name) => said[name] !== undefined);
  return settle(group, said, isAnySaid ? {} : configured);
}

/**
 * What a configuration says of a group.
 *
 * @param place Where `document` lies in the configuration: "" for the whole, `store.` for a store.
 */
export function valuesAt<Group extends Declarations>(group: Group, document: object, place = ""): SaidOfOption<Group> {
  return withoutGaps(group, (name) => {
    const { key, elseKey } = group[name];
    return [key, elseKey].map((path) =>
      path?.startsWith(place) ? valueAt(document, path.slice(place.length)) : undefined
    )
      .find((value) => value !== undefined);
  }) as SaidOfOption<Group>;
}

/** Those of some values that are of a group. */
export function partOf<Group extends Declarations, All extends object>(
  group: Group,
  values: All,
): Pick<All, keyof Group & keyof All> {
  return withoutGaps(group, (name) => (values as Record<string, unknown>)[name]) as never;
}

function valueAt(document: object, path: string): unknown {
  return path.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
}

function defaultOf(option: Declaration): unknown {
  if (option.type === "switch") return isNegative(option);
  return option.default === undefined ? undefined : parseValue(option, [option.default]);
}

function withoutGaps(group: Declarations, valueOf: (name: string) => unknown): Record<string, unknown> {
  const values = Object.keys(group).map((name) => [name, valueOf(name)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
