import { serverTooOld } from "../postgres/findings/tools.ts";
import { findServerTools, type ServerTools } from "../postgres/tools.ts";
import { is } from "../system/define_finding.ts";
import { noProgramsOfMajor } from "./findings/recovery.ts";

/**
 * Finds the server programs of this very major version: no other reads its files.
 *
 * @throws {OperatorError} `PHYSICAL_MAJOR_MISSING`
 */
export async function findMajorPrograms(major: number, pgBin?: string): Promise<ServerTools> {
  const found = await findServerTools(pgBin, major).catch((error) => {
    if (!is(error, serverTooOld)) throw error;
  });
  if (found?.major === major) return found;
  throw noProgramsOfMajor.error({ major, found: found?.version ?? (await findServerTools(pgBin)).version });
}
