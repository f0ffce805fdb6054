import { z } from "zod";
import { configSchema } from "./config_schema.ts";

/** The configuration's JSON Schema (draft 2020-12), for editors and documentation. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    $id: "pgrehearse.config/v1",
    title: "pgrehearse.jsonc",
    ...z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }),
    allowComments: true,
    allowTrailingCommas: true,
  };
}

/** Made once: a configuration may have thousands of mistakes. */
let wholeSchema: JsonSchema | undefined;

/** The keys that the object at a path may have, or the values there; empty where anything goes. */
export function keysOfSchema(path: readonly PropertyKey[]): string[] {
  wholeSchema ??= configJsonSchema();
  let places: JsonSchema[] = [wholeSchema];
  for (const part of path) {
    places = places.flatMap(branches).flatMap((place) => {
      if (typeof part === "number") return place.items ?? [];
      const additional = typeof place.additionalProperties === "object" ? place.additionalProperties : undefined;
      return place.properties?.[String(part)] ?? additional ?? [];
    });
  }
  const words = places.flatMap(branches).flatMap((place) => [
    ...Object.keys(place.properties ?? {}),
    ...(place.enum ?? []).map(String),
    ...(place.const === undefined ? [] : [String(place.const)]),
  ]);
  return [...new Set(words)];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
}

function branches(schema: JsonSchema): JsonSchema[] {
  const below = [...schema.anyOf ?? [], ...schema.oneOf ?? [], ...schema.allOf ?? []];
  return below.length > 0 ? below.flatMap(branches) : [schema];
}
