import { z } from "zod";

const address = z.url({ protocol: /^https?$/ });
const commands = z.array(z.string().min(1)).min(1).optional().describe(
  "Only of these commands, such as drill and backup; of every command where it is left out.",
);

export const webhookSchema = z.strictObject({
  url: address.describe("Where to POST. It is a secret: no message and no verdict shows more of it than its host."),
  headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), z.string().regex(/^[\t\x20-\x7e]*$/)).optional()
    .describe(
      "Further headers of the request, such as Authorization.",
    ),
  format: z.enum(["json", "slack", "discord"]).default("json").describe(
    "What the body looks like: the verdict as JSON, or a message as Slack or Discord take it.",
  ),
  when: z.array(z.enum(["pass", "fail", "unknown", "changed"])).min(1).default(["fail", "unknown"]).describe(
    "After which verdicts; changed: when it is another one than last time.",
  ),
  commands,
});

export const pingSchema = z.strictObject({
  start_url: address.optional().describe("Asked for when a run starts."),
  success_url: address.optional().describe("Asked for when a run has passed."),
  failure_url: address.optional().describe("Asked for when a run has ended in any other way."),
  commands,
}).refine(
  ({ start_url, success_url, failure_url }) => start_url ?? success_url ?? failure_url,
  "name at least one of start_url, success_url and failure_url",
);

/** `notify` in the configuration: who is told how a run went. */
export const notifySchema = z.strictObject({
  webhooks: z.array(webhookSchema).default([]).describe("Told after a run."),
  pings: z.array(pingSchema).default([]).describe(
    "Dead man's switches: services that raise an alarm when they were not asked in time.",
  ),
});
