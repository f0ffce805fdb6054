import type { z } from "zod";
import type { privilegesSchema } from "./privileges_schema.ts";

// Types only: writing a manifest does not load the schema's library.

/** Who may do what, as a manifest has it. */
export type Privileges = z.infer<typeof privilegesSchema>;

/** What no definition tells of it. */
export type Surroundings = Omit<Privileges, "grants" | "rights">;
