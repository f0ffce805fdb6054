import { chainFindings } from "../chain/chain_findings.ts";
import { walkChain } from "../chain/chain_snapshot.ts";
import { captureInSession } from "../manifest/capture_database.ts";
import { compareManifest } from "../manifest/compare/compare.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import type { Finding } from "../verdict/verdict.ts";
import { tenantColumn } from "./build_everything.ts";
import type { Mutation } from "./mutation.ts";

/**
 * Breaks a restored copy in one way, compares it as a drill does, and undoes it.
 *
 * All in one transaction: what it changes is seen by nobody else, and goes with the rollback.
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
