import { withoutControls } from "./printable.ts";

/** A family of metrics. Its name ends with its unit, where it has one. */
export interface Metric {
  name: string;
  /** One sentence without quotation marks or backslashes, which the two formats escape differently. */
  help: string;
  unit?: string;
}

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/**
 * Writes gauges in the text format that both OpenMetrics and Prometheus' own older parser read: the older one takes
 * `# UNIT` and `# EOF` for comments.
 */
export function formatMetrics(metrics: readonly Metric[], samples: readonly Sample[]): string {
  const lines: string[] = [];
  for (const { name, help, unit } of metrics) {
    const own = samples.filter((sample) => sample.name === name);
    if (own.length === 0) continue;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
    if (unit !== undefined) lines.push(`# UNIT ${name} ${unit}`);
    for (const { labels, value } of own) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
      lines.push(`${name}{${pairs.join(",")}} ${value}`);
    }
  }
  return [...lines, "# EOF\n"].join("\n");
}

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*)\} (\S+)$/;

/** Reads what {@linkcode formatMetrics} wrote. Lines of any other form are left out. */
export function parseSamples(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels, value] = sample.exec(line) ?? [];
    if (name === undefined || !Number.isFinite(Number(value))) return [];
    const pairs = labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
    return [{
      name,
      labels: Object.fromEntries(Array.from(pairs, ([, key, text]) => [key, unescape(text)])),
      value: +value,
    }];
  });
}

function escape(text: string): string {
  return withoutControls(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, character) => character === "n" ? "\n" : character);
}
