import { z } from "zod";

const name = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const acl = z.array(z.string());

/** A file of the backup beside its dump, as `dumpSchema` describes those of the dump. */
const partSchema = z.object({
  path: z.string().regex(/\.(globals|passwords)\.sql$/),
  size_bytes: z.number().int().nonnegative(),
  sha256,
  encrypted: z.object({ size_bytes: z.number().int().nonnegative(), sha256 }).optional(),
});

export const globalRoleSchema = z.object({
  name,
  superuser: z.boolean(),
  inherit: z.boolean(),
  createrole: z.boolean(),
  createdb: z.boolean(),
  login: z.boolean(),
  replication: z.boolean(),
  bypassrls: z.boolean(),
  connection_limit: z.number().int(),
  /** In UTC, as the server prints it; null for ever. */
  valid_until: z.string().nullable(),
  comment: z.string().nullable(),
});

export const membershipSchema = z.object({
  role: name,
  member: name,
  /** Null where the role that granted it is gone. */
  grantor: name.nullable(),
  admin: z.boolean(),
  /** Since PostgreSQL 16. */
  inherit: z.boolean().nullable(),
  set: z.boolean().nullable(),
});

export const settingSchema = z.object({
  /** Null for every role. */
  role: name.nullable(),
  /** Null for every database. */
  database: name.nullable(),
  name,
  /** Absent where it may be a secret: a setting with a dot in its name is the application's own. */
  value: z.string().optional(),
  /** SHA-256 of the salt and the value, in its place. */
  value_sha256: sha256.optional(),
});

const tablespaceSchema = z.object({
  name,
  owner: z.string(),
  location: z.string(),
  options: z.array(z.string()),
  acl,
  comment: z.string().nullable(),
});

const clusterDatabaseSchema = z.object({
  name,
  owner: z.string(),
  encoding: z.string(),
  collation: z.string(),
  ctype: z.string(),
  locale_provider: z.string(),
  locale: z.string().nullable(),
  icu_rules: z.string().nullable(),
  is_template: z.boolean(),
  allows_connections: z.boolean(),
  connection_limit: z.number().int(),
  tablespace: z.string(),
  /** Explicit, as every list of grants here: the default's grants are there as well. */
  acl,
  comment: z.string().nullable(),
});

/** What belongs to the cluster and not to a database. Every list is sorted; the roles `pg_*` are the server's own. */
export const globalsSchema = z.object({
  /** When it was read. */
  taken_at: z.iso.datetime(),
  /** Whether it was so at the dump's snapshot. What is here and what is in the file are of one moment. */
  is_of_snapshot: z.boolean(),
  /** It kept changing: the file may be of another moment. */
  is_unsettled: z.literal(true).optional(),
  /** What `pg_dumpall --globals-only` wrote; absent where it could not. */
  file: partSchema.optional(),
  /** Statements that give roles their passwords' hashes back; encrypted, and only on request. */
  passwords: partSchema.extend({ roles: z.array(name) }).optional(),
  /** For hashes of values. */
  salt: z.string(),
  /** The role that `initdb` made. */
  bootstrap: name,
  roles: z.array(globalRoleSchema),
  memberships: z.array(membershipSchema),
  settings: z.array(settingSchema),
  tablespaces: z.array(tablespaceSchema),
  databases: z.array(clusterDatabaseSchema),
  parameter_grants: z.array(z.object({ parameter: name, acl })),
  security_labels: z.array(z.object({ kind: z.string(), name, provider: z.string(), label: z.string() })),
});
