import { z } from "zod";
import { writtenDuration } from "../../options/fields.ts";

/** An entry of the configuration's `files`: a key, a trust anchor, an environment file. */
export const configuredFileSchema = z.strictObject({
  path: z.string().min(1).describe("A file, or a directory with all files below it."),
  mode: z.string().regex(/^0?[0-7]{3,4}$/, "must be octal, such as 0600").optional().describe(
    "The mode of the file, or of every file in the directory, such as 0600.",
  ),
  owner: z.string().min(1).optional().describe(
    "The account that must own it: its name or number.",
  ),
  group: z.string().min(1).optional().describe("The group that must own it: its name or number."),
  certificate_key: z.string().min(1).optional().describe(
    "The file of the private key that belongs to this certificate.",
  ),
  valid_for: writtenDuration.optional().describe("How long the certificate must still be valid, such as 14d."),
});

export type ConfiguredFile = z.infer<typeof configuredFileSchema>;
