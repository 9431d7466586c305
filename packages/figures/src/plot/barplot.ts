/**
 * The panel behind `bars`. "Along" runs from bar to bar, "across" from zero to the tip: x and y for standing bars, y and x for lying ones.
 *
 * @module
 */
import type { Node } from "../scene/scene.js";
import { type Axis, axesPanel, DEFAULT_AXES, type Scales } from "./axes.js";
import { line, rect, sharp, text } from "./draw.js";
import type { LegendSpec } from "./legend.js";
import { axisFor, type Rule, ruleNode } from "./lineplot.js";
import type { Panel } from "./panel.js";
import { FONT, INK, points, TITLE_FONT } from "./style.js";

export interface BarGroup {
  readonly name: string;
  readonly values: readonly number[];
  /** How far each value may be off; zeros for no error bars. */
  readonly errors: readonly number[];
  readonly color: string;
}

export interface BarPlotSpec {
  readonly where: string;
  readonly groups: readonly BarGroup[];
  readonly labels: readonly string[];
  readonly horizontal: boolean;
  readonly write: ((value: number, index: number) => string) | undefined;
  readonly rules: readonly Rule[];
  readonly limits: readonly [number, number] | undefined;
  readonly title: string;
  readonly alongLabel: string;
  readonly acrossLabel: string;
  readonly grid: boolean;
  readonly legend: LegendSpec | undefined;
  readonly description: string;
}

/** Of the distance from one place to the next; the rest is air. */
const FILLED = 0.8;

export function barPanel(spec: BarPlotSpec): Panel {
  const { horizontal } = spec;
  const count = spec.labels.length;
  const across: Axis = { type: "linear", domain: spec.limits ?? acrossDomain(spec), label: spec.acrossLabel };
  const along: Axis = {
    type: "linear",
    domain: horizontal ? [count - 0.5, -0.5] : [-0.5, count - 0.5],
    label: spec.alongLabel,
    ticks: spec.labels.map((label, value) => ({ value, label })),
  };
  return axesPanel({
    x: horizontal ? across : along,
    y: horizontal ? along : across,
    title: spec.title,
    titleSize: TITLE_FONT,
    grid: !spec.grid ? "none" : horizontal ? "x" : "y",
    legend: spec.legend,
    preferred: DEFAULT_AXES,
    description: spec.description,
    draw: (scales) => drawBars(spec, scales),
    occupied: (scales) =>
      everyBar(spec, scales).flatMap(({ middle, zero, tip }) => steps(zero, tip).map((at) => turned(spec, middle, at))),
  });
}

/** Bars stand on zero: no margin beyond it, and room beyond the tips when numbers are written there. */
function acrossDomain(spec: BarPlotSpec): [number, number] {
  const ends = spec.groups.flatMap((group) =>
    group.values.flatMap((value, i) => [value - (group.errors[i] as number), value + (group.errors[i] as number)]),
  );
  const [low, high] = axisFor(spec.where, "number", { label: "", type: "linear" }, [
    0,
    ...ends,
    ...spec.rules.map((rule) => rule.at),
  ]).domain;
  const extra = spec.write === undefined ? 0 : (high - low) * 0.05;
  const finite = ends.filter(Number.isFinite);
  return [
    finite.some((end) => end < 0) ? low - extra : 0,
    finite.some((end) => end > 0) || low === 0 ? high + extra : 0,
  ];
}

interface PlacedBar {
  readonly group: BarGroup;
  readonly index: number;
  /** Pixels along. */
  readonly start: number;
  readonly end: number;
  readonly middle: number;
  /** Pixels across. */
  readonly zero: number;
  readonly tip: number;
}

function everyBar(spec: BarPlotSpec, scales: Scales): PlacedBar[] {
  const { along, across } = oriented(spec, scales);
  const width = FILLED / spec.groups.length;
  return spec.groups.flatMap((group, g) =>
    group.values.flatMap((value, index) => {
      if (!Number.isFinite(value)) return [];
      const from = index - FILLED / 2 + g * width;
      const [start, end] = [along(from), along(from + width)];
      return [{ group, index, start, end, middle: (start + end) / 2, zero: across(0), tip: across(value) }];
    }),
  );
}

function oriented(spec: BarPlotSpec, scales: Scales): { along(v: number): number; across(v: number): number } {
  return spec.horizontal ? { along: scales.y, across: scales.x } : { along: scales.x, across: scales.y };
}

/** (along, across) as (x, y). */
const turned = (spec: BarPlotSpec, along: number, across: number): [number, number] =>
  spec.horizontal ? [across, along] : [along, across];

const steps = (from: number, to: number): number[] =>
  Array.from({ length: 21 }, (_, k) => from + ((to - from) * k) / 20);

function drawBars(spec: BarPlotSpec, scales: Scales): Node[] {
  const { across } = oriented(spec, scales);
  const segment = (along0: number, across0: number, along1: number, across1: number, strokeWidth: number): Node =>
    line(...turned(spec, along0, across0), ...turned(spec, along1, across1), { stroke: INK, strokeWidth });
  const placed = everyBar(spec, scales);
  const nodes: Node[] = placed.map(({ group, start, end, zero, tip }) => {
    const [x0, y0] = turned(spec, Math.min(start, end), Math.min(zero, tip));
    const [width, height] = turned(spec, Math.abs(end - start), Math.abs(tip - zero));
    return rect({ x: x0, y: y0, width, height }, { fill: group.color });
  });
  for (const { group, index, middle } of placed) {
    const [value, error] = [group.values[index] as number, group.errors[index] as number];
    if (!(error > 0)) continue;
    const [low, high] = [across(value - error), across(value + error)];
    nodes.push(segment(middle, low, middle, high, points(1)));
    for (const end of [low, high]) nodes.push(segment(middle - 4, end, middle + 4, end, points(1)));
  }
  const { box } = scales;
  const zero = sharp(across(0));
  const [from, to] = spec.horizontal ? [box.y, box.y + box.height] : [box.x, box.x + box.width];
  nodes.push(segment(from, zero, to, zero, 1), ...spec.rules.map((rule) => ruleNode(rule, scales)));
  if (spec.write !== undefined) nodes.push(...placed.map((bar) => numberNode(spec, bar, across)));
  return nodes;
}

/** The number beyond the tip of a bar, as large as the bar is wide. */
function numberNode(spec: BarPlotSpec, bar: PlacedBar, across: (v: number) => number): Node {
  const value = bar.group.values[bar.index] as number;
  const out = value < 0 ? -1 : 1;
  const end = across(value + out * (bar.group.errors[bar.index] as number));
  const label = spec.write?.(value, bar.index) ?? "";
  const size = Math.min(FONT, (Math.abs(bar.end - bar.start) / points(1)) * (spec.horizontal ? 0.8 : 0.42));
  return spec.horizontal
    ? text(end + 4 * out, bar.middle, label, { size, at: "center", anchor: out < 0 ? "end" : "start" })
    : text(bar.middle, end - 4 * out, label, { size, anchor: "middle", at: out < 0 ? "top" : "baseline" });
}
