import { z } from "zod";
import type { Declaration, ValueType } from "../options/declaration.ts";
import { durationText, requiredValuesText } from "../options/fields.ts";

interface Schemas {
  text: z.ZodString;
  texts: z.ZodArray<z.ZodString>;
  duration: typeof durationText;
  number: z.ZodNumber;
  switch: z.ZodBoolean;
  choice: z.ZodString;
  http_url: z.ZodURL;
  tags: z.ZodArray<z.ZodString>;
  required_values: z.ZodArray<typeof requiredValuesText>;
}

type SchemaOf<D extends Declaration> = D extends { choices: readonly (infer Choice extends string)[] }
  ? z.ZodEnum<{ [Each in Choice]: Each }>
  : Schemas[D["type"]];

type Keys<Group extends Record<string, Declaration>> = {
  [Key in keyof Group]: z.ZodOptional<SchemaOf<Group[Key]>>;
};

/** The keys that a group of options has in a configuration; each may be left out. */
export function keysOf<Group extends Record<string, Declaration>>(group: Group): Keys<Group> {
  const keys = Object.entries(group).map(([key, option]) => [
    key,
    schemaOf(option).optional().describe(option.keyHelp ?? sentence(option.help)),
  ]);
  return Object.fromEntries(keys) as Keys<Group>;
}

const makers: { [Type in ValueType]: (option: Declaration) => z.ZodType } = {
  text: () => z.string().min(1),
  texts: () => z.array(z.string().min(1)),
  duration: () => durationText,
  number: ({ least = 0, most = Number.MAX_SAFE_INTEGER }) => z.number().int().min(least).max(most),
  switch: () => z.boolean(),
  choice: ({ choices = [] }) => z.enum(choices),
  http_url: () => z.url({ protocol: /^https?$/ }),
  tags: () => z.array(z.string().regex(/^[^=]+=/, "must be name=value")),
  required_values: () => z.array(requiredValuesText),
};

function schemaOf(option: Declaration): z.ZodType {
  return makers[option.type](option);
}

function sentence(help: string): string {
  return `${help[0].toUpperCase()}${help.slice(1)}.`;
}
