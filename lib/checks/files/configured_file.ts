import { z } from "zod";
import { writtenDuration } from "../../options/fields.ts";

/** An entry of the configuration's `files`: a key, a trust anchor, an environment file. */
export const configuredFileSchema = z.strictObject({
  path: z.string().min(1).describe("The file, or a directory: then every file in it, and in the directories in it."),
  mode: z.string().regex(/^0?[0-7]{3,4}$/, "must be octal, such as 0600").optional().describe(
    "The mode that the file must have, or every file of the directory, such as 0600.",
  ),
  owner: z.string().min(1).optional().describe(
    "The account it must belong to, as /etc/passwd names it, or its number.",
  ),
  group: z.string().min(1).optional().describe("The group it must belong to, as /etc/group names it, or its number."),
  certificate_key: z.string().min(1).optional().describe(
    "The file of the private key that belongs to this certificate.",
  ),
  valid_for: writtenDuration.optional().describe("How long the certificate must still be valid, such as 14d."),
});

export type ConfiguredFile = z.infer<typeof configuredFileSchema>;
