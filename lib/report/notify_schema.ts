import { z } from "zod";

const address = z.url({ protocol: /^https?$/ });
const commands = z.array(z.string().min(1)).min(1).optional().describe(
  "Only for these commands, such as drill and backup. Default: every command.",
);

export const webhookSchema = z.strictObject({
  url: address.describe("The URL to POST to. It is a secret: messages and verdicts show only its host."),
  headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), z.string().regex(/^[\t\x20-\x7e]*$/)).optional()
    .describe(
      "Additional headers of the request, such as Authorization.",
    ),
  format: z.enum(["json", "slack", "discord"]).default("json").describe(
    "Format of the body: the verdict as JSON, or a message for Slack or Discord.",
  ),
  when: z.array(z.enum(["pass", "fail", "unknown", "changed"])).min(1).default(["fail", "unknown"]).describe(
    "After which verdicts to send; changed: only if the verdict differs from the last one.",
  ),
  commands,
});

export const pingSchema = z.strictObject({
  start_url: address.optional().describe("Requested when a run starts."),
  success_url: address.optional().describe("Requested when a run has passed."),
  failure_url: address.optional().describe("Requested when a run did not pass."),
  commands,
}).refine(
  ({ start_url, success_url, failure_url }) => start_url ?? success_url ?? failure_url,
  "name at least one of start_url, success_url and failure_url",
);

/** `notify` in the configuration: who is told how a run went. */
export const notifySchema = z.strictObject({
  webhooks: z.array(webhookSchema).default([]).describe("Notified after a run."),
  pings: z.array(pingSchema).default([]).describe(
    "Dead man's switches: services that alert if they get no request in time.",
  ),
});
