/**
 * The panel behind `lines`, `curves`, `accuracyByLength` and `gradientFlow`: series, bands and straight rules on one pair of axes.
 *
 * @module
 */
import { area } from "d3-shape";
import { FigureError } from "../errors.js";
import { extent } from "../input.js";
import { PathRecorder } from "../scene/recorder.js";
import type { Node } from "../scene/scene.js";
import { type Axis, axesPanel, DEFAULT_AXES, type Scales } from "./axes.js";
import { line, sharp } from "./draw.js";
import type { LegendPlace, LegendSpec } from "./legend.js";
import { type LineStyle, seriesNodes, strokeOf } from "./marks.js";
import type { Panel, Size } from "./panel.js";
import type { Tick } from "./ticks.js";

export interface LineSeries {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly style: LineStyle;
  /** Whether it is measured on the right axis. */
  readonly right?: boolean;
  /** Left out of the legend and of the description, as the raw curve behind a smoothed one. */
  readonly quiet?: boolean;
  /** An area between two lines, for uncertainty. */
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] };
}

/** A straight line across the axes. */
export interface Rule {
  readonly at: number;
  readonly direction: "horizontal" | "vertical";
  readonly style: LineStyle;
  readonly label: string;
  readonly right?: boolean;
}

/** What an axis is asked to be; what is left out comes from the data. */
export interface AxisRequest {
  readonly label: string;
  readonly type: "linear" | "log";
  readonly limits?: readonly [number, number] | undefined;
  readonly ticks?: readonly Tick[] | undefined;
  readonly integer?: boolean;
  readonly color?: string;
  /** Numbers that must lie within, besides the data. */
  readonly include?: readonly number[];
}

export interface LinePlotSpec {
  readonly where: string;
  readonly series: readonly LineSeries[];
  readonly rules: readonly Rule[];
  readonly x: AxisRequest;
  readonly y: AxisRequest;
  readonly y2?: AxisRequest | undefined;
  readonly title: string;
  readonly titleSize: number;
  readonly grid: boolean;
  readonly legend: LegendPlace | undefined;
  readonly preferred?: Size;
  readonly description: string;
}

/** matplotlib's margin beside the data. */
const MARGIN = 0.05;

export function linePanel(spec: LinePlotSpec): Panel {
  const on = (right: boolean): LineSeries[] => spec.series.filter((series) => (series.right === true) === right);
  const rulesOn = (direction: Rule["direction"], right: boolean): number[] =>
    spec.rules.filter((rule) => rule.direction === direction && (rule.right === true) === right).map((rule) => rule.at);
  const heights = (right: boolean): number[] => [
    ...on(right).flatMap((series) => [...series.y, ...(series.band?.low ?? []), ...(series.band?.high ?? [])]),
    ...rulesOn("horizontal", right),
  ];
  const x = axisFor(spec.where, "x", spec.x, [
    ...spec.series.flatMap((series) => series.x),
    ...rulesOn("vertical", false),
  ]);
  const y = axisFor(spec.where, "y", spec.y, heights(false));
  const y2 = spec.y2 === undefined ? undefined : axisFor(spec.where, "right y", spec.y2, heights(true));
  const pixels = (series: LineSeries, scales: Scales): { xs: number[]; ys: number[] } => ({
    xs: series.x.map((value) => finite(x, value, scales.x)),
    ys: series.y.map((value) =>
      series.right === true && y2 !== undefined ? finite(y2, value, scales.y2) : finite(y, value, scales.y),
    ),
  });

  return axesPanel({
    x,
    y,
    y2,
    title: spec.title,
    titleSize: spec.titleSize,
    grid: spec.grid ? "both" : "none",
    legend: legendFor(spec),
    preferred: spec.preferred ?? DEFAULT_AXES,
    description: spec.description,
    draw(scales: Scales): Node[] {
      const bands = spec.series.flatMap((series) => bandNodes(series, scales));
      const rules = spec.rules.map((rule) => ruleNode(rule, scales));
      const plain = spec.series.filter((series) => series.style.dash !== undefined);
      return [
        ...bands,
        ...rules,
        ...plain.flatMap((series) => {
          const { xs, ys } = pixels(series, scales);
          return seriesNodes(xs, ys, { ...series.style, marker: undefined });
        }),
      ];
    },
    // As in matplotlib, markers are cut off at limits set by hand; else they are whole, also on the frame.
    over(scales: Scales): Node[] {
      return spec.series.flatMap((series) => {
        if (series.style.marker === undefined) return [];
        const { xs, ys } = pixels(series, scales);
        const inside = xs.map((value, i) => (within(value, ys[i] as number, scales) ? value : Number.NaN));
        return seriesNodes(inside, ys, { ...series.style, dash: undefined });
      });
    },
    occupied(scales: Scales): (readonly [number, number])[] {
      const { box } = scales;
      const rules = spec.rules.flatMap((rule) => {
        if (rule.direction === "vertical")
          return alongLine([scales.x(rule.at), scales.x(rule.at)], [box.y, box.y + box.height]);
        const at = rule.right === true ? scales.y2(rule.at) : scales.y(rule.at);
        return alongLine([box.x, box.x + box.width], [at, at]);
      });
      const drawn = spec.series.flatMap((series) => {
        const { xs, ys } = pixels(series, scales);
        const edges = series.band === undefined ? [] : [series.band.low, series.band.high];
        return [ys, ...edges.map((edge) => edge.map((value) => finite(y, value, scales.y)))].flatMap((line) =>
          alongLine(xs, line),
        );
      });
      return [...drawn, ...rules];
    },
  });
}

const finite = (axis: Axis, value: number, scale: (value: number) => number): number =>
  axis.type === "log" && !(value > 0) ? Number.NaN : scale(value);

function within(px: number, py: number, { box }: Scales): boolean {
  return px >= box.x - 1 && px <= box.x + box.width + 1 && py >= box.y - 1 && py <= box.y + box.height + 1;
}

/** Points every few pixels along a line, so that long straight pieces count too. */
function alongLine(xs: readonly number[], ys: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  const every = Math.max(1, Math.floor(xs.length / 400));
  for (let i = every; i < xs.length; i += every) {
    const [x0, y0, x1, y1] = [xs[i - every] as number, ys[i - every] as number, xs[i] as number, ys[i] as number];
    const steps = Math.min(50, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 12));
    for (let k = 1; k <= steps; k++) found.push([x0 + ((x1 - x0) * k) / steps, y0 + ((y1 - y0) * k) / steps]);
  }
  return xs.length === 1 ? [[xs[0] as number, ys[0] as number]] : found;
}

function legendFor(spec: LinePlotSpec): LegendSpec | undefined {
  if (spec.legend === undefined) return undefined;
  const entries = [
    ...spec.series
      .filter((series) => series.quiet !== true && series.label !== "")
      .map((series) => ({ label: series.label, key: series.style })),
    ...spec.rules.filter((rule) => rule.label !== "").map((rule) => ({ label: rule.label, key: rule.style })),
  ];
  return entries.length === 0 ? undefined : { entries, place: spec.legend };
}

/** An axis around the data, with matplotlib's margin. */
export function axisFor(where: string, name: string, request: AxisRequest, values: readonly number[]): Axis {
  const log = request.type === "log";
  const counted = [...values, ...(request.include ?? [])].filter((value) => !log || value > 0);
  const found = extent(counted);
  if (found === undefined && request.limits === undefined) {
    throw new FigureError(
      log && extent(values) !== undefined
        ? `${where}: a logarithmic ${name} axis needs numbers above 0, and there are none. Use a linear axis`
        : `${where}: there are no finite numbers for the ${name} axis. Give at least one, or limits`,
    );
  }
  return {
    type: request.type,
    label: request.label,
    domain: request.limits ?? (log ? logDomain(found as [number, number]) : linearDomain(found as [number, number])),
    ticks: request.ticks,
    integer: request.integer === true,
    ...(request.color !== undefined && { color: request.color }),
  };
}

function linearDomain([low, high]: readonly [number, number]): [number, number] {
  if (low === high) {
    const around = low === 0 ? 0.05 : Math.abs(low) * 0.05;
    return [low - around, high + around];
  }
  const margin = (high - low) * MARGIN;
  return [low - margin, high + margin];
}

function logDomain([low, high]: readonly [number, number]): [number, number] {
  if (low === high) return [low / 2, high * 2];
  const factor = (high / low) ** MARGIN;
  return [low / factor, high * factor];
}

export function ruleNode(rule: Rule, { box, x, y, y2 }: Scales): Node {
  const paint = strokeOf(rule.style);
  const at = sharp(rule.direction === "vertical" ? x(rule.at) : rule.right === true ? y2(rule.at) : y(rule.at));
  return rule.direction === "vertical"
    ? line(at, box.y, at, box.y + box.height, { ...paint, cap: "butt" })
    : line(box.x, at, box.x + box.width, at, { ...paint, cap: "butt" });
}

function bandNodes(series: LineSeries, scales: Scales): Node[] {
  const { band } = series;
  if (band === undefined) return [];
  const y = series.right === true ? scales.y2 : scales.y;
  const recorder = new PathRecorder();
  area<number>()
    .defined((i) => Number.isFinite(band.low[i]) && Number.isFinite(band.high[i]))
    .x((i) => scales.x(series.x[i] as number))
    .y0((i) => y(band.low[i] as number))
    .y1((i) => y(band.high[i] as number))
    .context(recorder as unknown as CanvasRenderingContext2D)(series.x.map((_, i) => i));
  return [{ kind: "path", commands: recorder.commands, fill: series.style.color, opacity: 0.18 }];
}
