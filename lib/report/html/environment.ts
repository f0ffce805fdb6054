import type { Backup } from "../../verdict/verdict.ts";
import { momentText, sizeText } from "../../system/quantities.ts";
import type { ReportedRun, SignatureState } from "../reported_run.ts";
import { type Content, type Html, html } from "./html.ts";

const targets = {
  throwaway: "a throwaway cluster, removed afterwards",
  scratch: "a scratch database, removed afterwards",
  in_place: "in place, in the named database",
  named: "the named database",
} as const;

/** What the verdict is about, on what it was found, and who vouches for it. */
export function environment({ verdict, source, signature }: ReportedRun): Html {
  const { backup, restored = [], postgres, tool, config, controls = [], reviewed_by } = verdict;
  const facts: [string, Content][] = [
    ...(backup && restored.length === 0 ? backupFacts("Backup", backup) : []),
    ...restored.flatMap(({ database, backup }) => backupFacts(`Backup of ${database}`, backup)),
    ["Run", `${momentText(verdict.started_at)}, to ${momentText(verdict.finished_at)}`],
    ...(postgres.target ? [["Restored into", targets[postgres.target]] as [string, Content]] : []),
    ["PostgreSQL", versions(postgres)],
    ["pgrehearse", `${tool.version}, on Deno ${tool.deno}`],
    ["Configuration", config ? html`<code>${config.path}</code>, SHA-256 <code>${config.sha256}</code>` : "none"],
    ...(controls.length > 0 ? [["Evidence for", controls.join(", ")] as [string, Content]] : []),
    ...(reviewed_by === undefined ? [] : [["Reviewed by", reviewed_by] as [string, Content]]),
    ["Signature", signed(signature)],
    ["Source", html`<code>${source}</code>`],
  ];
  return html`
    <section aria-labelledby="environment">
      <h2 id="environment">Environment</h2>
      <dl class="facts">${facts.map(([name, value]) =>
        html`
          <dt>${name}</dt>
          <dd>${value}</dd>
        `
      )}</dl>
    </section>
  `;
}

function backupFacts(name: string, { name: backup, path, snapshot_at, size_bytes, sha256, server }: Backup) {
  const facts: [string, Content][] = [
    [name, html`<code>${backup}</code>, ${sizeText(size_bytes)}, in <code>${path}</code>`],
  ];
  if (snapshot_at) facts.push(["Taken", `${momentText(snapshot_at)}${server ? `, from PostgreSQL ${server}` : ""}`]);
  if (sha256) facts.push(["SHA-256 of the dump", html`<code>${sha256}</code>`]);
  return facts;
}

function versions({ server, pg_dump, pg_restore }: ReportedRun["verdict"]["postgres"]): string {
  const named = [
    server && `server ${server}`,
    pg_dump && `pg_dump ${pg_dump}`,
    pg_restore && `pg_restore ${pg_restore}`,
  ];
  return named.filter(Boolean).join(", ") || "unknown";
}

/** An unchecked signature is worth no more than none, and must not look better. */
function signed({ state, signer }: SignatureState): Html {
  if (state === "unsigned") return html`<span class="badge plain">Not signed</span>`;
  const key = signer !== undefined && html`
    by the key <code>${signer}</code>
  `;
  return state === "verified"
    ? html`<span class="badge pass">Signed and verified</span>${key}`
    : html`<span class="badge warn">Signed, not verified here</span>${key}`;
}
