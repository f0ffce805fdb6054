import type { z } from "zod";
import type { globalRoleSchema, globalsSchema, membershipSchema, settingSchema } from "./globals_schema.ts";

/** What belongs to the cluster and not to a database; see {@linkcode globalsSchema}. */
export type Globals = z.infer<typeof globalsSchema>;
export type ClusterRole = z.infer<typeof globalRoleSchema>;
export type Membership = z.infer<typeof membershipSchema>;
export type RoleSetting = z.infer<typeof settingSchema>;

/** What of it is read from the catalogs. */
export type ReadGlobals = Omit<Globals, "taken_at" | "is_of_snapshot" | "is_unsettled" | "file" | "passwords">;
