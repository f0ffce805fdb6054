import { hostname } from "node:os";
import type { Finding, Verdict } from "../verdict/verdict.ts";
import { withoutControls } from "./printable.ts";
import { durationText } from "../system/quantities.ts";
import { worstFirst } from "./reported_run.ts";
import { explanation, headline } from "./sentence.ts";

/** A message names the worst; a chat has no room for more. */
const mostFindings = 5;

const slackIcons = { pass: ":white_check_mark:", fail: ":x:", unknown: ":grey_question:" } as const;
const discordIcons = { pass: "✅", fail: "❌", unknown: "❔" } as const;
const discordColors = { pass: 0x14_6c_43, fail: 0xb3_26_1e, unknown: 0x7a_4f_00 } as const;

/**
 * A verdict as the body of a webhook's request.
 *
 * `json` is a separate document, `pgrehearse.notification/v1`, which holds the verdict whole.
 *
 * @param previous What the last run said, if anybody knows.
 */
export function notification(
  verdict: Verdict,
  format: "json" | "slack" | "discord",
  previous?: Verdict["verdict"],
): Record<string, unknown> {
  if (format === "slack") return slack(verdict);
  if (format === "discord") return discord(verdict);
  return {
    schema: "pgrehearse.notification/v1",
    text: withoutControls(`${verdict.verdict}: ${headline(verdict)}`),
    host: hostname(),
    ...(previous && { previous_verdict: previous }),
    verdict,
  };
}

function slack(verdict: Verdict) {
  const lines = [
    `${slackIcons[verdict.verdict]} *${escapeSlack(headline(verdict))}*`,
    escapeSlack(explanation(verdict)),
    ...findingLines(
      verdict,
      ({ code, message, fix }) => `• \`${code}\` ${escapeSlack(cut(message, 400))} _${escapeSlack(cut(fix, 300))}_`,
    ),
    escapeSlack(runText(verdict)),
  ];
  return { text: lines.join("\n") };
}

function discord(verdict: Verdict) {
  const lines = [
    explanation(verdict),
    ...findingLines(verdict, ({ code, message, fix }) => `• ${code}: ${cut(message, 300)} ${cut(fix, 250)}`),
  ];
  return {
    username: "pgrehearse",
    allowed_mentions: { parse: [] }, // a table named @everyone mentions no user
    embeds: [{
      title: cut(escapeDiscord(`${discordIcons[verdict.verdict]} ${headline(verdict)}`), 256),
      description: cut(escapeDiscord(lines.join("\n")), 4_000),
      color: discordColors[verdict.verdict],
      footer: { text: cut(runText(verdict), 2_000) },
      timestamp: verdict.finished_at,
    }],
  };
}

/** `pgrehearse drill on db1, 4 s`: which of the hosts that write into this chat. */
function runText({ command, duration_ms }: Verdict): string {
  return `pgrehearse ${command} on ${hostname()}, ${durationText(duration_ms)}`;
}

function findingLines({ findings }: Verdict, line: (finding: Finding) => string): string[] {
  const lines = worstFirst(findings).slice(0, mostFindings).map(line);
  if (findings.length > mostFindings) lines.push(`• and ${findings.length - mostFindings} more findings`);
  return lines;
}

/** Nothing is a mention or a link, as `<!channel>` and `<https://…|text>` would be. */
function escapeSlack(text: string): string {
  return withoutControls(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function escapeDiscord(text: string): string {
  return withoutControls(text).replace(/[\\`*_~|[\]<>#]/g, "\\$&");
}

/** By characters, not halves of them. */
function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
