import { z } from "zod";
import type { Declaration, Declarations, ValueType } from "../options/declaration.ts";
import { requiredValuesText, writtenDuration } from "../options/fields.ts";
import { parseValue } from "../options/parse_value.ts";

const tagsText = z.array(z.string().regex(/^[^=]+=/, "must be name=value"));

/** How a configuration holds each type; what is a key has one of these. */
const makers = {
  text: ({ form }) => form ? z.string().regex(form.pattern, form.says) : z.string().min(1),
  texts: () => z.array(z.string().min(1)),
  duration: () => writtenDuration,
  number: ({ least = 0, most = Number.MAX_SAFE_INTEGER }) => z.number().int().min(least).max(most),
  switch: () => z.boolean(),
  choice: ({ choices = [] }) => z.enum(choices),
  http_url: () => z.url({ protocol: /^https?$/ }),
  tags: (option) => tagsText.transform((texts) => parseValue(option, texts) as Record<string, string>),
  required_values: () => z.array(requiredValuesText),
} satisfies { [Type in ValueType]?: (option: Declaration) => z.ZodType };

type Makers = typeof makers;

type SchemaOf<D extends Declaration> = D extends { choices: readonly (infer Choice extends string)[] }
  ? z.ZodEnum<{ [Each in Choice]: Each }>
  : D["type"] extends keyof Makers ? ReturnType<Makers[D["type"]]>
  : never;

/** The last part of a key that lies directly below a place. */
type KeyBelow<Place extends string, D extends Declaration> = D extends { key: `${Place}${infer Key}` }
  ? Key extends `${string}.${string}` ? never : Key
  : never;

type Keys<Place extends string, Group extends Declarations> = {
  [Name in keyof Group as KeyBelow<Place, Group[Name]>]: z.ZodOptional<SchemaOf<Group[Name]>>;
};

/**
 * The keys that a group of options has in a configuration; each may be left out.
 *
 * @param place What the keys are below: `store.`, or "" for the document itself.
 */
export function keysOf<const Place extends string, Group extends Declarations>(
  place: Place,
  group: Group,
): Keys<Place, Group> {
  const keys = Object.values(group).flatMap((option) => {
    const key = option.key?.startsWith(place) ? option.key.slice(place.length) : ".";
    return key.includes(".") ? [] : [[key, schemaOf(option)] as const];
  });
  return Object.fromEntries(keys) as Keys<Place, Group>;
}

function schemaOf(option: Declaration): z.ZodType {
  const make = (makers as Partial<Record<ValueType, (option: Declaration) => z.ZodType>>)[option.type]!;
  return make(option).optional().describe(option.keyHelp ?? sentence(option));
}

function sentence({ help, usual }: Declaration): string {
  return `${help[0].toUpperCase()}${help.slice(1)}.${usual === undefined ? "" : ` Default: ${usual}.`}`;
}
