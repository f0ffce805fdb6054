import type { z } from "zod";
import type { privilegesSchema } from "./privileges_schema.ts";

// Types only: nobody loads the schema's library to write a manifest.

/** Who may do what, as a manifest has it. */
export type Privileges = z.infer<typeof privilegesSchema>;

/** What no definition tells of it. */
export type Surroundings = Omit<Privileges, "grants" | "rights">;
