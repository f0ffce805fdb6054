import { manifestSuffix } from "./backup_name.ts";
import type { Store, StoredFile } from "./store.ts";

/** What a backup is of, as its manifest says it. A file's name says it only roughly: "a b" and "a_b" look alike there. */
export interface BackupIdentity {
  /** The database's own name. */
  database: string;
  /** Of the cluster that it was in. */
  systemIdentifier: string;
  /** What the configuration called it. */
  configuredAs?: string;
  /** Of what a restore was about to replace. */
  isSafety: boolean;
  /** When its snapshot was taken. */
  takenAt: Date;
  /** PostgreSQL's version. */
  server: string;
}

/** Manifests begin with what they are of, and may have megabytes. */
const headBytes = 4096;
const largestManifestBytes = 256 * 1024 * 1024;

/** Reads what a backup is of from the beginning of its manifest; `undefined` where that does not say it. */
export async function readIdentity(
  store: Store,
  { name, manifest }: { name: string; manifest?: StoredFile },
): Promise<BackupIdentity | undefined> {
  if (!manifest || manifest.sizeBytes > largestManifestBytes) return undefined;
  const head = await new Response(store.read(name + manifestSuffix, { length: headBytes })).text();
  if (manifest.sizeBytes <= headBytes) return identityInDocument(head) ?? identityInHead(head);
  return identityInHead(head) ??
    identityInDocument(await new Response(store.read(name + manifestSuffix, { length: manifest.sizeBytes })).text());
}

const text = '("(?:[^"\\\\]|\\\\.)*")';
const postgres = new RegExp(
  `"postgres":\\s*\\{\\s*"server":\\s*${text},\\s*"server_version_num":\\s*\\d+,\\s*"system_identifier":\\s*${text}`,
);
const database = new RegExp(`"database":\\s*\\{\\s*"name":\\s*${text}`);
const snapshot = new RegExp(`"snapshot":\\s*\\{\\s*"taken_at":\\s*${text}`);
const configuredAs = new RegExp(`"configured_as":\\s*${text}`);

/** As pgrehearse lays it out, in this order; the file may be cut short further down. */
function identityInHead(head: string): BackupIdentity | undefined {
  const found = [postgres, database, snapshot].map((pattern) => pattern.exec(head));
  const [server, named, taken] = found;
  if (!server || !named || !taken || server.index > named.index || named.index > taken.index) return undefined;
  const before = head.slice(0, server.index);
  const configured = configuredAs.exec(before);
  return identityOf({
    postgres: { server: JSON.parse(server[1]), system_identifier: JSON.parse(server[2]) },
    database: { name: JSON.parse(named[1]) },
    snapshot: { taken_at: JSON.parse(taken[1]) },
    ...(configured && { configured_as: JSON.parse(configured[1]) }),
    ...(/"purpose":\s*"safety"/.test(before) && { purpose: "safety" }),
  });
}

/** With a different layout, it says the same. */
function identityInDocument(document: string): BackupIdentity | undefined {
  try {
    return identityOf(JSON.parse(document));
  } catch {
    return undefined; // its reader will say what is wrong with it
  }
}

interface Described {
  postgres: { server: string; system_identifier: string };
  database: { name: string };
  snapshot: { taken_at: string };
  configured_as?: string;
  purpose?: string;
}

function identityOf({ postgres, database, snapshot, configured_as, purpose }: Described): BackupIdentity | undefined {
  const takenAt = new Date(snapshot.taken_at);
  const texts = [postgres.server, postgres.system_identifier, database.name];
  if (!texts.every((value) => typeof value === "string") || Number.isNaN(takenAt.getTime())) return undefined;
  return {
    database: database.name,
    systemIdentifier: postgres.system_identifier,
    ...(typeof configured_as === "string" && { configuredAs: configured_as }),
    isSafety: purpose === "safety",
    takenAt,
    server: postgres.server,
  };
}
