import type { Config } from "../../config/read_config.ts";
import { noTarget, sameTarget } from "./findings/targets.ts";
import type { RestoreOptions } from "./restore_target.ts";

/**
 * Where a database of a configuration is to be brought back.
 *
 * @throws {OperatorError} `SAME_TARGET`, `NO_TARGET`
 */
export function targetOf(config: Config, { targetUrl, targetUrls = {} }: RestoreOptions, name: string): string {
  const names = Object.keys(config.databases);
  const isOnly = names.length === 1;
  if (targetUrl && !isOnly) {
    throw sameTarget.oneForAll.error({ path: config.path, databases: names.length });
  }
  const target = targetUrls[name] ?? targetUrl;
  const other = names.find((each) => each !== name && target && targetUrls[each] === target);
  if (other !== undefined) throw sameTarget.twice.error({ one: name, other });
  if (target) return target;
  throw noTarget.error({ database: name, isOnly });
}
