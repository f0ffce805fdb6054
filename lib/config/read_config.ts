import { getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { type OperatorError, reasonOf } from "../system/operator_error.ts";
import { sizeText } from "../system/quantities.ts";
import { redact, registerName } from "../system/redact.ts";
import { type ConfigProblem, positionsIn } from "./config_problem.ts";
import { type ConfigDocument, configSchema } from "./config_schema.ts";
import { findContradictions } from "./contradictions.ts";
import { impossibleKeys, nestedTooDeeply } from "./document_shape.ts";
import { fillInEnvironment } from "./environment_values.ts";
import { configInvalid, configUnreadable } from "./findings.ts";
import { withImpliedChecks } from "./implied_checks.ts";
import { keysOfSchema } from "./json_schema.ts";
import { schemaProblems } from "./schema_problems.ts";

/** A configuration that was read. */
export interface Config extends ConfigDocument {
  /** Of the file. */
  path: string;
  /** Of the file's text, unchanged. */
  sha256: string;
}

/** A larger file is not a configuration. */
const largestSizeBytes = 4 * 1024 * 1024;

/**
 * Reads a configuration file.
 *
 * @param env Values for `${NAME}`.
 * @throws {OperatorError} `CONFIG_UNREADABLE`; or an `AggregateError` of `CONFIG_INVALID`, one for each thing that is wrong.
 */
export async function readConfig(path: string, env: Record<string, string>): Promise<Config> {
  const bytes = await readBytes(path);
  const text = textOf(bytes, path);
  const { document, problems } = parseConfig(text, env);
  for (const name of Object.keys(document?.databases ?? {})) registerName(name);
  if (problems.length > 0) {
    const at = positionsIn(text);
    throw new AggregateError(inOrder(problems).map((problem) => toError(problem, path, at(problem.offset))));
  }
  return { ...document!, path: resolve(path), sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The same for a text that was read already; returns what is wrong instead of throwing it. */
export function parseConfig(
  text: string,
  env: Record<string, string>,
): { document?: ConfigDocument; problems: ConfigProblem[] } {
  const tooDeep = nestedTooDeeply(text);
  if (tooDeep) return { problems: [tooDeep] };
  const syntax: ParseError[] = [];
  const root = parseTree(text, syntax, { allowTrailingComma: true });
  if (!root || syntax.length > 0) {
    return { problems: syntax.map(({ error, offset }) => ({ offset, message: inWords(printParseErrorCode(error)) })) };
  }
  const problems = [...impossibleKeys(root), ...fillInEnvironment(root, env)];
  const value = getNodeValue(root);
  const result = configSchema.safeParse(value);
  if (!result.success) {
    problems.push(...result.error.issues.flatMap((each) => schemaProblems(each, root, keysOfSchema)));
  }
  problems.push(...findContradictions(value, root));
  return { document: result.data && withImpliedChecks(result.data), problems };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile || size > largestSizeBytes) throw new Error(isFile ? `it has ${sizeText(size)}` : "it is not a file");
    return await Deno.readFile(path);
  } catch (error) {
    throw configUnreadable.file.error({ path, reason: reasonOf(error) }, { cause: error });
  }
}

function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  const seen = new Set<string>();
  return problems.toSorted((a, b) => a.offset - b.offset).filter(({ offset, message }) => {
    const key = `${offset} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function toError(
  { message, hint }: ConfigProblem,
  path: string,
  { line, column }: { line: number; column: number },
): OperatorError {
  const problem = redact(`${message}.${hint ? ` ${hint}` : ""}`);
  return configInvalid.error({ path, line, column, problem });
}

/** Without the mark that some editors put before the first character. */
function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw configUnreadable.encoding.error({ path }, { cause });
  }
}

/** `CloseBraceExpected` becomes `close brace expected`. */
function inWords(code: string): string {
  return code.replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}
