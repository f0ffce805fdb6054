import { z } from "zod";
import { privilegesSchema } from "./privileges/privileges_schema.ts";
import { globalsSchema } from "./globals/globals_schema.ts";

const count = z.number().int().nonnegative();
const hex128 = z.string().regex(/^[0-9a-f]{32}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const int64 = z.string().regex(/^-?\d+$/);
const tableName = z.object({ schema: z.string(), name: z.string() });

export const dumpFileSchema = z.object({
  /** Relative to the directory that holds the manifest. */
  path: z.string().min(1),
  size_bytes: count,
  sha256,
  /** As it lies in the store, under its path and `.age`; the fields above are of the plain form. */
  encrypted: z.object({ size_bytes: count, sha256 }).optional(),
});

export const dumpSchema = z.object({
  format: z.enum(["custom", "directory"]),
  /** The file or directory that pg_restore reads. */
  path: z.string().min(1),
  files: z.array(dumpFileSchema).min(1),
  /** What the archive says of itself; another backup's dump says something else. */
  header: z.object({ created_at: z.string(), database: z.string() }).optional(),
  /** Absent in manifests of earlier builds; its level where it is known. */
  compression: z.object({ method: z.enum(["none", "gzip", "lz4", "zstd"]), level: z.number().int().optional() })
    .optional(),
  /** pg_dump's options that chose what to dump; empty for a whole database. */
  selection: z.array(z.string()),
  /** Who can decrypt its files; absent where they lie there plain. */
  encryption: z.object({ scheme: z.literal("age"), recipients: z.array(z.string()).min(1) }).optional(),
});

export const tableRowsSchema = tableName.extend({
  row_count: count,
  digest: hex128,
  /** Columns of the key that `buckets` spread the rows by. */
  key: z.array(z.string()).nullable(),
  /** Digests of 256 buckets of keys, packed; says where rows differ. */
  buckets: z.string().optional(),
  /** A materialized view: the restore refreshes it. */
  is_refreshed: z.boolean().optional(),
  /** Its rows are not in the dump, by the caller's choice, or as a standby cannot read them: it comes back empty. */
  is_data_left_out: z.boolean().optional(),
  /** Its digest is of what COPY gives, and no query of it was planned: an index of it calls another role's function. */
  is_digest_by_copy: z.boolean().optional(),
});

const sequenceValue = z.object({ last_value: int64, is_called: z.boolean() });

export const sequenceSchema = tableName.extend({
  data_type: z.string(),
  start_value: int64,
  min_value: int64,
  max_value: int64,
  increment: int64,
  cache_size: int64,
  cycle: z.boolean(),
  persistence: z.enum(["permanent", "unlogged"]),
  owned_by: tableName.extend({ column: z.string(), identity: z.enum(["always", "by default"]).nullable() }).nullable(),
  /** Its value before the dump began, and after it had ended; what the dump holds lies between. */
  before: sequenceValue,
  after: sequenceValue,
  /** Columns that hold a value beyond it, as `schema.table.column`: it was behind already when it was dumped. */
  behind: z.array(z.string()),
});

const definitionSchema = z.object({
  kind: z.string(),
  identity: z.string(),
  definition: z.string(),
  owner: z.string().optional(),
  /** Of earlier builds, as Postgres writes them, a column's as `column NAME: …`; now `privileges` has them. */
  acl: z.array(z.string()).optional(),
  unknown_options: z.array(z.string()).optional(),
});

export const distributionSchema = z.object({
  table: tableName,
  column: z.string(),
  is_hashed: z.boolean(),
  values: z.array(z.object({ value: z.string(), row_count: count })),
  null_row_count: count,
});

/** `pgrehearse.manifest/v1`: what a database held at one snapshot. Fields are added, never renamed. */
export const manifestSchema = z.object({
  schema: z.literal("pgrehearse.manifest/v1"),
  created_at: z.iso.datetime(),
  tool: z.object({ version: z.string(), deno: z.string() }),
  /** `safety`: of what a restore was about to replace. It is restored only if it is named. */
  purpose: z.literal("safety").optional(),
  /** What the configuration calls the database; absent where none did. */
  configured_as: z.string().optional(),
  postgres: z.object({
    server: z.string(),
    server_version_num: count,
    /** Of the cluster; identifies the source. */
    system_identifier: z.string(),
    pg_dump: z.string().optional(),
    /** What the server loads when it starts, and how that is set; null where nothing, or nothing that could be read. */
    preload: z.object({
      libraries: z.array(z.string()),
      settings: z.array(z.object({ name: z.string(), value: z.string() })),
    }).nullish(),
  }),
  database: z.object({
    name: z.string(),
    encoding: z.string(),
    collation: z.string(),
    ctype: z.string(),
    locale_provider: z.string(),
    locale: z.string().nullable(),
    collation_version: z.string().nullable(),
    size_bytes: count,
  }),
  snapshot: z.object({ taken_at: z.iso.datetime(), wal_lsn: z.string(), is_standby: z.boolean() }),
  /** What recovery of a physical backup needs to come to this snapshot; absent from a standby and in older manifests. */
  recovery: z.object({
    /** As `pg_current_snapshot` prints it: `xmin:xmax:xip,…`. */
    snapshot: z.string().regex(/^\d{1,20}:\d{1,20}:(?:\d{1,20}(?:,\d{1,20})*)?$/),
    /** Where WAL was inserted just after the snapshot was taken. */
    insert_lsn: z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/),
    timeline: z.number().int().positive(),
  }).optional(),
  dump: dumpSchema.optional(),
  /** What belongs to the cluster; absent where it could not be read, and in older manifests. */
  globals: globalsSchema.optional(),
  /** Row security filtered what this role saw: rows may be missing, with the caller's consent. */
  row_security_enabled: z.boolean(),
  /** Roles that definitions name, so that a restore elsewhere can make them first. */
  roles: z.array(z.string()),
  rows: z.array(tableRowsSchema),
  large_objects: z.object({ count, size_bytes: count, digest: hex128, buckets: z.string().optional() }),
  sequences: z.array(sequenceSchema),
  definitions: z.array(definitionSchema),
  /** Who may do what; absent if not asked for, and in manifests of earlier builds. */
  privileges: privilegesSchema.optional(),
  distribution: z.array(distributionSchema),
  /** Which backups were made together; in each of them. `lead` is the one whose manifest was written last. */
  set: z.object({
    lead: z.string(),
    /** Backups, by the configuration's names of their databases, or by their own. */
    members: z.record(z.string(), z.string()),
    /** `server`: every database of a server, by their own names. */
    scope: z.literal("server").optional(),
    /** Databases of that server that are not in it, and why. */
    left_out: z.array(z.object({ database: z.string(), why: z.string() })).optional(),
  }).optional(),
  /** What the backup warned of: what of the database is not in the dump, and what may not restore. */
  warnings: z.array(
    z.object({ code: z.string(), message: z.string(), fix: z.string(), object: z.string().optional() }),
  ).optional(),
  /** What configured checks noted about files, buckets and rows, to be compared with later. */
  recorded: z.array(z.object({ check: z.string(), kind: z.string(), value: z.unknown() })).optional(),
  chain: z.object({ row_count: count, chain_head_hash: z.string().nullable() }).optional(),
});
