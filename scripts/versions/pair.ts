import { readManifest } from "../../lib/manifest/read_manifest.ts";
import { rolesOf } from "../../lib/manifest/roles.ts";
import { connect } from "../../lib/postgres/connection/connect.ts";
import { withDatabase } from "../../lib/postgres/connection/connection_parameters.ts";
import { makeRoles } from "../../lib/postgres/make_roles.ts";
import { runPgRestore } from "../../lib/postgres/pg_restore.ts";
import { makeThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { type ClientTools, findServerTools } from "../../lib/postgres/tools.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { pgrehearse } from "../../tests/support/pgrehearse.ts";
import { type SourceBackup, urlOf } from "./source.ts";

/** How one backup came back in one version. */
export interface PairOutcome {
  /** Of the server that it was restored into: `18.4`. */
  server: string;
  drillMs: number;
  /** Restored by bare pg_restore into a database of the server's own locale, then compared. */
  compareMs: number;
  /** What is wrong; empty is good. */
  problems: string[];
}

/** Drills a backup in a throwaway cluster of another version; then restores it by hand there, and compares. */
export async function runPair(
  backup: SourceBackup,
  { bin, client, clientBin }: { bin: string; client: ClientTools; clientBin: string },
): Promise<PairOutcome> {
  const drill = await pgrehearse(["drill", "--quiet", backup.dump, "--pg-bin", `${clientBin}:${bin}`]);
  const tools = await findServerTools(bin);
  const wrongServer = drill.verdict.postgres.server === tools.version
    ? []
    : [`drill used PostgreSQL ${drill.verdict.postgres.server}`];
  const cluster = await makeThrowawayCluster(tools);
  try {
    const sql = await connect(cluster.parameters);
    await makeRoles(sql, rolesOf(await readManifest(backup.manifest))); // policies name them
    await sql`CREATE DATABASE by_hand TEMPLATE template0`;
    await sql.end();
    const signal = new AbortController().signal;
    const { stderr } = await runPgRestore(withDatabase(cluster.parameters, "by_hand"), backup.dump, {
      tools: client,
      signal,
    });
    const compared = await pgrehearse(
      ["compare", "--quiet", "--db-url", urlOf(cluster.parameters, "by_hand"), "--manifest", backup.manifest],
    );
    return {
      server: tools.version,
      drillMs: drill.verdict.duration_ms,
      compareMs: compared.verdict.duration_ms,
      problems: [
        ...wrongServer,
        ...problemsOf("drill", drill.verdict),
        ...stderr ? [`pg_restore: ${stderr.trim()}`] : [],
        ...problemsOf("compare", compared.verdict),
      ],
    };
  } finally {
    await cluster.close();
  }
}

function problemsOf(command: string, { verdict, proof, findings }: Verdict): string[] {
  const clean = verdict === "pass" && proof === "exact" && findings.length === 0;
  if (clean) return [];
  return [
    `${command}: ${verdict}, proof ${proof}`,
    ...findings.map(({ code, message, detail = "" }) => `${command}: ${code}: ${message} ${detail}`.trim()),
  ];
}
