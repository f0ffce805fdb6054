import { z } from "zod";
import { checkKinds } from "../../lib/checks/kinds.ts";
import { configSchema, storeSchema } from "../../lib/config/config_schema.ts";
import { type Declaration, nameOfFlag, variableOf } from "../../lib/options/declaration.ts";
import { declaredKeys } from "./declared_keys.ts";

const introduction = `# The configuration

pgrehearse reads the file of \`--config\`, otherwise \`./pgrehearse.jsonc\`, otherwise \`/etc/pgrehearse/pgrehearse.jsonc\`. It is JSON
with comments and trailing commas. \`pgrehearse init\` writes a first one. The command line wins over the environment, the
environment over the configuration, and the configuration over the defaults. The variable of a switch is \`true\` or \`false\`; the
variable of a repeatable option has commas between its values; an empty variable counts as not set. \`\${NAME}\` in a text is replaced
by the environment variable \`NAME\`; it is an error if that does not exist. pgrehearse reports all mistakes at once, with line and
column, before it touches anything.

A configuration can run commands. A configuration that you did not name is used only if the file, its directory and every
directory above belong to root or to the account that runs pgrehearse, and no other account can write them. As root,
pgrehearse uses only one below /etc, or the file of \`--config\`. The same rules apply to PostgreSQL's programs, including those of \`pg_bin\`.

A duration is written \`500ms\`, \`60s\`, \`15m\`, \`4h\` or \`30d\`; a comparison \`= 0\`, \`!= x\`, \`>= 10\` or \`between 1 and 5\`.

\`scripts/docs\` writes this page from the schema that reads the file.
`;

interface Section {
  title: string;
  description?: string;
  shape: Record<string, z.ZodType>;
}

/** Writes docs/configuration.md out of the schema. */
export async function configurationPage(root: string): Promise<string> {
  const example = await Deno.readTextFile(`${root}/docs/pgrehearse.jsonc`);
  const common = commonOfChecks();
  return [
    introduction,
    "## An example\n\nThe same file is [pgrehearse.jsonc](pgrehearse.jsonc).\n",
    `\`\`\`jsonc\n${example}\`\`\`\n`,
    "## Keys\n",
    ...sections({ title: "", shape: configSchema.shape as never }).map(({ title, description, shape }) =>
      [title ? `### \`${title}\`\n` : "", description ?? "", table(title, shape)].join("\n")
    ),
    "## Checks\n\nWhat every check has:\n",
    table("checks[]", common),
    ...checkKinds.map(({ kind, summary, schema }) => {
      const own = Object.entries(schema.shape).filter(([key]) => key !== "kind" && !(key in common));
      const severity = defaultOf(schema.shape.severity as unknown as z.ZodType);
      const other = severity === "fail" ? "" : ` Its severity is \`${severity}\` unless it says otherwise.`;
      return `### \`"kind": "${kind}"\`\n\n${summary}${other}\n\n${
        table("checks[]", Object.fromEntries(own) as never)
      }`;
    }),
  ].join("\n");
}

/** What all kinds of checks have besides their kind. */
function commonOfChecks(): Record<string, z.ZodType> {
  const [first, ...others] = checkKinds.map(({ schema }) => schema.shape as unknown as Record<string, z.ZodType>);
  const shared = Object.entries(first).filter(([key]) => key !== "kind" && others.every((shape) => key in shape));
  return Object.fromEntries(shared.filter(([key]) => ["name", "severity", "timeout"].includes(key)));
}

/** A table for this object, and one for each object below it. */
function sections({ title, description, shape }: Section): Section[] {
  const below = Object.entries(shape).flatMap(([key, schema]): Section[] => {
    if (title === "" && key === "checks") return [];
    const { object, suffix } = objectIn(schema);
    if (!object || (bare(schema) === storeSchema && key !== "store")) return [];
    const path = `${title ? `${title}.` : ""}${key}${suffix}`;
    return sections({ title: path, description: schema.description, shape: object.shape as never });
  });
  return [{ title, description: description && `${description}\n`, shape }, ...below];
}

function table(title: string, shape: Record<string, z.ZodType>): string {
  const optionOf = (key: string) =>
    declaredKeys.get(title === "" ? key : `${title.replace("databases.NAME", "databases.*")}.${key}`);
  const hasOptions = Object.keys(shape).some(optionOf);
  const rows = Object.entries(shape).map(([key, schema]) => {
    const option = optionOf(key);
    const isRequired = !schema.safeParse(undefined).success;
    const otherwise = isRequired ? "_required_" : option?.default ? `\`${option.default}\`` : defaultText(schema);
    const meaning = schema.description ?? "";
    if (meaning === "" && !(title === "prune") && key !== "evidence") {
      throw new Error(`${title}.${key} lacks a meaning`);
    }
    const such = option?.example === undefined ? meaning : `${meaning} Such as \`${option.example}\`.`;
    const cells = [typeText(schema), otherwise, such, ...(hasOptions ? [option ? sayersOf(option) : ""] : [])];
    return `| \`${key}\` | ${cells.map(cell).join(" | ")} |`;
  });
  const heading = ["key", "type", "default", "meaning", ...(hasOptions ? ["flag and variable"] : [])];
  return [`| ${heading.join(" | ")} |`, `|${" --- |".repeat(heading.length)}`, ...rows, ""].join("\n");
}

/** What else says it. */
function sayersOf(option: Declaration): string {
  const variable = variableOf(option);
  return [nameOfFlag(option), ...(variable ? [variable] : [])].map((name) => `\`${name}\``).join(", ");
}

/** A schema without what says that it may be left out. */
function bare(schema: z.ZodType): z.ZodType {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType } };
  return ["optional", "default", "nullable"].includes(def.type) ? bare(def.innerType!) : schema;
}

/** The object in a schema, and how a path says where it is: `[]` in a list, `.NAME` by name. */
function objectIn(schema: z.ZodType): { object?: z.ZodObject; suffix: string } {
  const inner = bare(schema);
  const { def } = inner as unknown as { def: Definition };
  switch (def.type) {
    case "object":
      return { object: inner as unknown as z.ZodObject, suffix: "" };
    case "array":
      return { ...objectIn(def.element!), suffix: `[]${objectIn(def.element!).suffix}` };
    case "record":
      return { ...objectIn(def.valueType!), suffix: `.NAME${objectIn(def.valueType!).suffix}` };
    case "pipe":
      return objectIn(def.in!);
    case "union": {
      const found = def.options!.map(objectIn).find(({ object }) => object);
      return found ?? { suffix: "" };
    }
    default:
      return { suffix: "" };
  }
}

interface Definition {
  type: string;
  element?: z.ZodType;
  valueType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
}

function typeText(schema: z.ZodType): string {
  if (bare(schema) === storeSchema) return "text, or an object: see `store`";
  return jsonType(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema);
}

interface JsonSchema {
  type?: string;
  title?: string;
  format?: string;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

function jsonType(schema: JsonSchema): string {
  const { type, title, format, items, additionalProperties, minimum, maximum } = schema;
  if (title) return title;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((word) => `\`${JSON.stringify(word)}\``).join(", ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map(jsonType))].join(" or ");
  if (type === "array") return `list of ${jsonType(items ?? {})}`;
  if (type === "object") {
    return typeof additionalProperties === "object" && additionalProperties.type !== "object"
      ? `object: name to ${jsonType(additionalProperties)}`
      : "object";
  }
  if (type === "integer" || type === "number") {
    const above = schema.exclusiveMinimum !== undefined ? ` above ${schema.exclusiveMinimum}` : "";
    const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : "";
    const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : "";
    return `${type === "integer" ? "whole number" : "number"}${above}${least}${most}`;
  }
  if (type === "boolean") return "true or false";
  if (type === "string") return format === "uri" ? "URL" : "text";
  return "anything";
}

function defaultOf(schema: z.ZodType): unknown {
  const result = schema.safeParse(undefined);
  return result.success ? result.data : undefined;
}

function defaultText(schema: z.ZodType): string {
  const value = defaultOf(schema);
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (value === undefined || isEmpty || objectIn(schema).object) return "";
  const isDuration =
    jsonType(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema) === "duration";
  return `\`${isDuration ? durationText(value as number) : JSON.stringify(value)}\``;
}

function durationText(ms: number): string {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  const [unit, length] = Object.entries(units).find(([, length]) => ms > 0 && ms % length === 0) ?? ["ms", 1];
  return ms === 0 ? "0" : `${ms / length}${unit}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
