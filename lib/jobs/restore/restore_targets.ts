import type { Config } from "../../config/read_config.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { RestoreOptions } from "./restore_options.ts";

/**
 * Where a database of a configuration is to be brought back.
 *
 * @throws {OperatorError} `SAME_TARGET`, `NO_TARGET`
 */
export function targetOf(config: Config, { targetUrl }: RestoreOptions, name: string): string {
  const names = Object.keys(config.databases);
  const isOnly = names.length === 1;
  if (targetUrl && !isOnly) {
    throw new OperatorError("SAME_TARGET", `--target-url names one database, and ${config.path} ${names.length}.`, {
      fix: `Say where each is to be brought back with its "target_url", and leave out --target-url.`,
    });
  }
  const target = targetUrl || config.databases[name].target_url;
  const other = names.find((each) => each !== name && target && config.databases[each].target_url === target);
  if (other !== undefined) throw sameTarget(name, other);
  if (target) return target;
  throw new OperatorError("NO_TARGET", `Nothing says where ${name} is to be brought back.`, {
    fix: `Say it with "target_url" of the database ${name}${isOnly ? ", or with --target-url" : ""}.`,
  });
}

/** What to tell the operator where two databases of a configuration would become one. */
export function sameTarget(one: string, other: string): OperatorError {
  return new OperatorError("SAME_TARGET", `${one} and ${other} would be brought back as the same database.`, {
    fix: `Give each of them a "target_url" of its own.`,
  });
}
