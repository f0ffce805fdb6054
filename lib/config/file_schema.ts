import { z } from "zod";
import { durationText } from "../values/fields.ts";

export const configuredFileSchema = z.strictObject({
  path: z.string().min(1),
  mode: z.string().regex(/^0?[0-7]{3,4}$/, "must be octal, such as 0600").optional(),
  owner: z.string().optional(),
  group: z.string().optional(),
  certificate_key: z.string().optional(),
  valid_for: durationText.optional(),
});
