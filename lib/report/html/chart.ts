import { type Html, html, trusted } from "./html.ts";

/** A line over time; two or three fit beside each other on a desk, one on a phone. */
export interface Chart {
  series: Series[];
  limit?: number;
  /** Distance of the marks on the axis of values; where it is absent, round numbers. */
  step?: (most: number) => number;
  /** A value, as people read it. */
  text(value: number): string;
  /** What it shows, in a sentence, for those who cannot see it. */
  label: string;
}

export interface Series {
  name: string;
  points: { at: string; value: number }[];
}

const width = 320;
const height = 190;

/** Told apart by colour, and by dashes for those who see no colours. */
const looks = [
  { color: "var(--accent)", type: "solid" },
  { color: "var(--unknown)", type: [6, 3] },
  { color: "var(--pass)", type: [2, 2] },
] as const;

/**
 * Draws a chart as an SVG element whose colours are the page's own, so that it follows dark mode and print.
 *
 * `echarts` escapes the texts. Its style element only says what hovering looks like, and goes.
 */
export async function drawChart({ series, limit, step, text, label }: Chart): Promise<Html> {
  const echarts = await loadEcharts();
  const axis = { axisLabel: { color: "var(--muted)", fontSize: 12 }, axisTick: { show: false } };
  const times = series.flatMap(({ points }) => points.map(({ at }) => Date.parse(at)));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const most = Math.max(limit ?? 0, ...series.flatMap(({ points }) => points.map(({ value }) => value)));
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(
      {
        useUTC: true,
        animation: false,
        textStyle: { fontFamily: "sans-serif" }, // the page's own, by its style
        legend: {
          show: series.length > 1,
          bottom: 0,
          itemWidth: 22,
          itemHeight: 8,
          textStyle: { color: "var(--muted)", fontSize: 12 },
        },
        grid: { left: 58, right: 10, top: 14, bottom: series.length > 1 ? 50 : 28 },
        xAxis: {
          type: "time",
          ...axis,
          min: first,
          max: last,
          axisLine: { lineStyle: { color: "var(--line)" } },
          axisLabel: {
            ...axis.axisLabel,
            customValues: first === last ? [first] : [first, last],
            alignMinLabel: "left",
            alignMaxLabel: "right",
            formatter: (at: number) =>
              new Date(at).toISOString().slice(0, last - first < 172_800_000 ? 16 : 10).replace("T", " "),
          },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          min: 0,
          max: most * 1.06 || 1,
          interval: step?.(most),
          splitNumber: 3,
          ...axis,
          axisLabel: {
            ...axis.axisLabel,
            formatter: (value: number) => value === 0 ? "0" : text(value),
            showMaxLabel: false,
          },
          splitLine: { showMaxLine: false, lineStyle: { color: "var(--line)" } },
        },
        series: series.map(({ name, points }, index) => {
          const { color, type } = looks[index % looks.length];
          return {
            type: "line",
            name,
            symbol: "circle",
            symbolSize: 6,
            lineStyle: { color, width: 2, type },
            itemStyle: { color },
            data: points.map(({ at, value }) => [Date.parse(at), value]),
            ...(index === 0 && limit !== undefined && {
              markLine: {
                silent: true,
                symbol: "none",
                data: [{ yAxis: limit }],
                lineStyle: { color: "var(--fail)", type: [4, 4], width: 1.5 },
                label: { formatter: "limit", position: "insideStartBottom", color: "var(--fail)", fontSize: 12 },
              },
            }),
          };
        }),
      } as Parameters<typeof chart.setOption>[0],
    );
    const svg = chart.renderToSVGString().replace(/<style[^>]*>[\s\S]*?<\/style>/g, "").replace(/^<svg /, "");
    return html`<svg role="img" aria-label="${label}" ${trusted(svg)}`;
  } finally {
    chart.dispose(); // or the process never ends
  }
}

async function loadEcharts() {
  const [core, { LineChart }, { GridComponent, LegendComponent, MarkLineComponent }, { SVGRenderer }] = await Promise
    .all(
      [import("echarts/core"), import("echarts/charts"), import("echarts/components"), import("echarts/renderers")],
    );
  core.use([LineChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);
  return core;
}
