import type { z } from "zod";
import type { dumpFileSchema, dumpSchema, manifestSchema, sequenceSchema, tableRowsSchema } from "./manifest_schema.ts";

// Types only: writing a manifest does not load the schema's library.

/** What a database held at one snapshot; see {@linkcode manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;
export type Dump = z.infer<typeof dumpSchema>;
export type DumpFile = z.infer<typeof dumpFileSchema>;
export type TableRows = z.infer<typeof tableRowsSchema>;
export type ManifestSequence = z.infer<typeof sequenceSchema>;
export type BackupSet = NonNullable<Manifest["set"]>;
export type RecordedCheck = NonNullable<Manifest["recorded"]>[number];
