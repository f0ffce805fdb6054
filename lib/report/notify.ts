import type { z } from "zod";
import { registerSecret } from "../system/redact.ts";
import { type SendOptions, sendRequest } from "../system/send_request.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { notification } from "./notification.ts";
import { printableJson } from "./printable.ts";
import type { notifySchema, pingSchema, webhookSchema } from "./notify_schema.ts";

/** Who is told; see {@linkcode notifySchema}. */
export type NotifyTargets = z.infer<typeof notifySchema>;
type Webhook = z.infer<typeof webhookSchema>;
type Ping = z.infer<typeof pingSchema>;

interface NotifyOptions extends SendOptions {
  /**
   * What the last run of the same kind said, for `when: changed`. If that is unknown, anything but a pass counts as a
   * change.
   */
  previous?: Verdict["verdict"];
}

/**
 * Tells the dead man's switches that a run starts.
 *
 * Never throws. Several are told at the same time, each for at most half a minute; no caller has to wait for it.
 *
 * @returns Who could not be told, a sentence each, for warnings.
 */
export function notifyStart(command: string, targets: NotifyTargets, options: SendOptions = {}): Promise<string[]> {
  protectSecrets(targets);
  const told = targets.pings.filter((ping) => isMeant(ping, command)).map(({ start_url }) =>
    ping(start_url, { ...options, graceMs: 0 })
  );
  return problemsOf(told);
}

/**
 * Tells webhooks and dead man's switches how a run went.
 *
 * Never throws and never changes the verdict. Each gets three attempts of 10 s, and not more than two seconds in all once
 * the run is to stop.
 *
 * @returns Who could not be told, a sentence each, for warnings.
 */
export function notify(verdict: Verdict, targets: NotifyTargets, options: NotifyOptions = {}): Promise<string[]> {
  protectSecrets(targets);
  const isMeantHere = (target: Webhook | Ping) => isMeant(target, verdict.command);
  return problemsOf([
    ...targets.pings.filter(isMeantHere).map(({ success_url, failure_url }) =>
      ping(verdict.verdict === "pass" ? success_url : failure_url, options)
    ),
    ...targets.webhooks.filter(isMeantHere).filter((webhook) => isDue(webhook, verdict, options.previous))
      .map((webhook) => post(webhook, verdict, options)),
  ]);
}

function isMeant({ commands }: { commands?: string[] }, command: string): boolean {
  return commands?.includes(command) ?? true;
}

function isDue({ when }: Webhook, { verdict }: Verdict, previous: Verdict["verdict"] = "pass"): boolean {
  return when.includes(verdict) || (when.includes("changed") && verdict !== previous);
}

async function ping(url: string | undefined, options: SendOptions): Promise<string | undefined> {
  if (url === undefined) return undefined;
  return await attempt("ping", url, () => sendRequest(url, { method: "GET" }, options));
}

async function post({ url, headers, format }: Webhook, verdict: Verdict, options: NotifyOptions) {
  return await attempt("webhook", url, () => {
    const body = printableJson(notification(verdict, format, options.previous), { indent: 0 });
    return sendRequest(
      url,
      { method: "POST", headers: { "content-type": "application/json", ...headers }, body },
      options,
    );
  });
}

async function attempt(kind: string, url: string, send: () => Promise<void>): Promise<string | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    return `The ${kind} at ${URL.parse(url)?.host ?? "an invalid address"} was not notified: ${
      (error as Error).message
    }.`;
  }
}

async function problemsOf(told: Promise<string | undefined>[]): Promise<string[]> {
  return (await Promise.all(told)).filter((problem) => problem !== undefined);
}

/** The shortest part of a URL that counts as a separate secret: shorter ones are words, which messages need. */
const shortestSecret = 12;

/** What follows the host is how these services know who is allowed: whoever reads it can write there. */
function protectSecrets({ webhooks, pings }: NotifyTargets): void {
  const urls = [
    ...webhooks.map(({ url }) => url),
    ...pings.flatMap(({ start_url, success_url, failure_url }) => [start_url, success_url, failure_url]),
  ];
  for (const url of urls) {
    const parsed = URL.parse(url ?? "");
    if (!parsed) continue;
    const { pathname, search, username, password } = parsed;
    if (pathname.length > 1) registerSecret(pathname);
    if (search.length > 1) registerSecret(search);
    registerSecret(password);
    const parts = [username, ...pathname.split("/"), ...parsed.searchParams.values()];
    for (const part of parts) if (part.length >= shortestSecret) registerSecret(part);
  }
  for (const value of webhooks.flatMap(({ headers = {} }) => Object.values(headers))) {
    for (const part of [value, ...value.split(" ")]) if (part.length >= shortestSecret) registerSecret(part);
  }
}
