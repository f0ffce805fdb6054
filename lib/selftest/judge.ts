import { captureInSession } from "../manifest/capture_database.ts";
import { chainFindings, walkChain } from "../manifest/chain/chain.ts";
import { compareManifest } from "../manifest/compare/compare.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import type { Finding, TriedMutation } from "../verdict/verdict.ts";
import { tenantColumn } from "./build_everything.ts";
import { expectedFinding, type Mutation } from "./mutation.ts";

/** What the comparison's findings say about the comparison. */
interface MutationJudgement {
  tried: Omit<TriedMutation, "duration_ms">;
  /** What had to be found and was not, as `CODE object`. */
  missed: string[];
  /** What was found and is not so. */
  falseAlarms: string[];
}

/** Judges what the comparison found after a mutation: all that it must find, and nothing else. */
export function judge({ name, told }: Mutation, findings: Finding[]): MutationJudgement {
  const expected = told.map(expectedFinding);
  const found = findings.map(describeFinding);
  const missed = expected.filter((one) => !found.includes(one));
  const falseAlarms = found.filter((one) => !expected.includes(one));
  const [code, ...object] = expected[0].split(" ");
  return {
    tried: {
      name,
      caught_by: missed.includes(expected[0]) ? null : code,
      object: object.join(" "),
      ok: missed.length === 0 && falseAlarms.length === 0,
    },
    missed,
    falseAlarms,
  };
}

/** A finding as `CODE object`. */
export function describeFinding({ code, object }: Finding): string {
  return object === undefined ? code : `${code} ${object}`;
}

/**
 * Breaks a restored copy in one way, compares it as a drill does, and undoes it.
 *
 * All in one transaction: no other session sees its changes, and the rollback removes them.
 *
 * @param mutation Without one, nothing is broken.
 * @returns What the comparison found.
 */
export async function attempt(sql: Sql, manifest: Manifest, mutation?: Mutation): Promise<Finding[]> {
  await sql.unsafe("BEGIN");
  try {
    if (mutation) {
      await sql.unsafe(`
        SET LOCAL search_path = shop, public;
        SET LOCAL session_replication_role = replica;
        ${mutation.sql};
        SET LOCAL session_replication_role = DEFAULT;
        SET LOCAL search_path = DEFAULT`).simple();
    }
    const restored = await captureInSession(sql, {
      compareWith: manifest,
      distribution: [{ target: tenantColumn, hashValues: false }],
    });
    const { findings } = await compareManifest(manifest, restored, {
      ownersAndGrants: true,
      inScratchTransaction: (work) => work(sql),
    });
    return [...findings, ...chainFindings(await walkChain(sql, "fail"))];
  } finally {
    await sql.unsafe("ROLLBACK");
  }
}
