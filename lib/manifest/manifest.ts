import type { z } from "zod";
import type { globalRoleSchema, globalsSchema, membershipSchema, settingSchema } from "./globals/globals_schema.ts";
import type { dumpFileSchema, dumpSchema, manifestSchema, sequenceSchema, tableRowsSchema } from "./manifest_schema.ts";
import type { privilegesSchema } from "./privileges/privileges_schema.ts";

// Types only: writing a manifest does not load the schema's library.

/** What a database held at one snapshot; see {@linkcode manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;
export type Dump = z.infer<typeof dumpSchema>;
export type DumpFile = z.infer<typeof dumpFileSchema>;
export type TableRows = z.infer<typeof tableRowsSchema>;
export type ManifestSequence = z.infer<typeof sequenceSchema>;
export type BackupSet = NonNullable<Manifest["set"]>;
export type RecordedCheck = NonNullable<Manifest["recorded"]>[number];

/** Who may do what, as a manifest has it. */
export type Privileges = z.infer<typeof privilegesSchema>;

/** What no definition tells of it. */
export type Surroundings = Omit<Privileges, "grants" | "rights">;

/** What belongs to the cluster and not to a database; see {@linkcode globalsSchema}. */
export type Globals = z.infer<typeof globalsSchema>;
export type ClusterRole = z.infer<typeof globalRoleSchema>;
export type Membership = z.infer<typeof membershipSchema>;
export type RoleSetting = z.infer<typeof settingSchema>;

/** What of it is read from the catalogs. */
export type ReadGlobals = Omit<Globals, "taken_at" | "is_of_snapshot" | "is_unsettled" | "file" | "passwords">;
