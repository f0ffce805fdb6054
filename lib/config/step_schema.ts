import { z } from "zod";
import { lineText } from "../options/fields.ts";
import { commandSchema } from "./app_schema.ts";

const names = z.array(z.string().min(1)).min(1);

/** One step of a restore: exactly one of the things it can do. */
export const stepSchema = z.strictObject({
  name: lineText.optional().describe("The name of its phase."),
  databases: names.optional().describe("Restore these databases and compare them with their manifests."),
  objects: names.optional().describe("Restore these buckets from their copies; in a drill, only check the copies."),
  command: commandSchema.optional().describe("Run a command, such as pending migrations."),
  start: names.optional().describe("Start these applications and wait until they are ready."),
  checks: names.optional().describe("Run these checks."),
});

export type Step = z.infer<typeof stepSchema>;

/** What a step can do; it does exactly one of them. */
export const stepActions = ["databases", "objects", "command", "start", "checks"] as const;
