/**
 * The panel behind all plots with two axes of numbers.
 *
 * @module
 */
import { scaleLinear, scaleLog } from "d3-scale";
import type { AxisScale, Box, Frame, Node } from "../scene/scene.js";
import { frameRect, group, heightOf, line, sharp, text, widthOf } from "./draw.js";
import { fitLabels, type LabelFit } from "./labels.js";
import { type LegendSpec, legendNodes, legendRoom } from "./legend.js";
import { type Margins, type Panel, type Size, titleNode } from "./panel.js";
import { FONT, GRID_COLOR, INK, LABEL_PAD, points, TICK_LENGTH, TICK_PAD, TITLE_PAD } from "./style.js";
import { linearTicks, logTicks, type Tick } from "./ticks.js";

export interface Axis {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  readonly label: string;
  /** Ticks given by hand instead of round numbers. */
  readonly ticks?: readonly Tick[] | undefined;
  /** Whether only whole numbers make sense. */
  readonly integer?: boolean;
  /** Of the numbers and the label: black unless said otherwise. */
  readonly color?: string;
}

/** From data to pixels. */
export interface Scales {
  readonly box: Box;
  x(value: number): number;
  y(value: number): number;
  /** The axis on the right; the same as `y` when there is none. */
  y2(value: number): number;
}

export interface AxesSpec {
  readonly x: Axis;
  readonly y: Axis;
  readonly y2?: Axis | undefined;
  readonly title: string;
  readonly titleSize: number;
  readonly grid: "none" | "both" | "x" | "y";
  readonly legend?: LegendSpec | undefined;
  readonly preferred: Size;
  readonly aspect?: number;
  readonly description: string;
  /** What is drawn inside the frame, cut off at its edges. */
  draw(scales: Scales): Node[];
  /** What may reach over the frame, such as markers on its edge and labels. */
  over?(scales: Scales): Node[];
  /** Points in pixels that the legend should not cover. */
  occupied?(scales: Scales): readonly (readonly [number, number])[];
}

/** The box that matplotlib's default figure of 6.4 × 4.8 inches gives its axes. */
export const DEFAULT_AXES: Size = { width: 496, height: 370 };

export function axesPanel(spec: AxesSpec): Panel {
  const xTicks = (width: number): readonly Tick[] => ticksOf(spec.x, clamp(Math.round(width / 60), 2, 9));
  const yTicks = (axis: Axis, height: number): readonly Tick[] => ticksOf(axis, clamp(Math.round(height / 52), 2, 8));
  const place = (axis: Axis, from: number, to: number): ((value: number) => number) => {
    const scale = (axis.type === "log" ? scaleLog() : scaleLinear()).domain(axis.domain).range([from, to]);
    return (value) => scale(value) as number;
  };
  const bottomLabels = (width: number): LabelFit =>
    fitLabels(xTicks(width), FONT, width, place(spec.x, 0, width), "left");
  const labelRoom = (label: string): number => (label === "" ? 0 : LABEL_PAD + heightOf(FONT));
  const numberRoom = (axis: Axis, height: number): number => {
    const ticks = yTicks(axis, height);
    return ticks.length === 0
      ? 2
      : TICK_LENGTH + TICK_PAD + Math.max(...ticks.map((tick) => widthOf(tick.label, FONT)));
  };

  return {
    title: spec.title,
    description: spec.description,
    preferred: spec.preferred,
    ...(spec.aspect !== undefined && { aspect: spec.aspect }),
    leastWidth: spec.title === "" ? 0 : widthOf(spec.title, spec.titleSize),

    margins({ width, height }: Size): Margins {
      const labels = bottomLabels(width);
      const right2 = spec.y2 === undefined ? 0 : numberRoom(spec.y2, height) + labelRoom(spec.y2.label);
      return {
        left: Math.max(numberRoom(spec.y, height) + labelRoom(spec.y.label), labels.left),
        right: Math.max(right2, labels.right, 2) + legendRoom(spec.legend),
        top: spec.title === "" ? heightOf(FONT) * 0.35 : TITLE_PAD + heightOf(spec.titleSize),
        bottom: (labels.depth > 0 ? TICK_LENGTH + TICK_PAD + labels.depth : 2) + labelRoom(spec.x.label),
      };
    },

    draw(box: Box, room: Box): Node[] {
      const bottom = box.y + box.height;
      const y = place(spec.y, bottom, box.y);
      const scales: Scales = {
        box,
        x: place(spec.x, box.x, box.x + box.width),
        y,
        y2: spec.y2 === undefined ? y : place(spec.y2, bottom, box.y),
      };
      const ticks = { x: xTicks(box.width), y: yTicks(spec.y, box.height) };
      const nodes: Node[] = [];
      nodes.push(...gridLines(spec.grid, ticks.x, ticks.y, scales));
      nodes.push(group(spec.draw(scales), { x: box.x, y: box.y, width: box.width + 1, height: box.height + 1 }));
      nodes.push(frameRect(box));
      nodes.push(...bottomAxis(ticks.x, spec.x, bottomLabels(box.width), scales));
      nodes.push(...sideAxis(ticks.y, spec.y, scales.y, box, "left"));
      if (spec.y2 !== undefined) nodes.push(...sideAxis(yTicks(spec.y2, box.height), spec.y2, scales.y2, box, "right"));
      if (spec.over !== undefined) nodes.push(...spec.over(scales));
      if (spec.legend !== undefined) {
        const beside =
          box.x + box.width + (spec.y2 === undefined ? 1 : numberRoom(spec.y2, box.height) + labelRoom(spec.y2.label));
        nodes.push(...legendNodes(spec.legend, box, spec.occupied?.(scales) ?? [], beside));
      }
      nodes.push(...titleNode(spec.title, spec.titleSize, box, room, box.y - TITLE_PAD));
      return nodes;
    },

    frame(box: Box): Frame {
      const scale = (axis: Axis): AxisScale => ({ type: axis.type, from: axis.domain[0], to: axis.domain[1] });
      return { ...box, title: spec.title, xScale: scale(spec.x), yScale: scale(spec.y) };
    },
  };
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

function ticksOf(axis: Axis, count: number): readonly Tick[] {
  const [low, high] = axis.domain[0] < axis.domain[1] ? axis.domain : [axis.domain[1], axis.domain[0]];
  if (axis.ticks !== undefined) return axis.ticks.filter((tick) => tick.value >= low && tick.value <= high);
  return axis.type === "log" ? logTicks(low, high, count) : linearTicks(low, high, count, axis.integer === true);
}

function gridLines(
  grid: AxesSpec["grid"],
  xTicks: readonly Tick[],
  yTicks: readonly Tick[],
  { box, x, y }: Scales,
): Node[] {
  const paint = { stroke: GRID_COLOR, strokeWidth: 1 };
  const major = (ticks: readonly Tick[], axis: "x" | "y"): readonly Tick[] =>
    grid === "both" || grid === axis ? ticks.filter((tick) => tick.label !== "") : [];
  return [
    ...major(xTicks, "x").map(({ value }) => line(sharp(x(value)), box.y, sharp(x(value)), box.y + box.height, paint)),
    ...major(yTicks, "y").map(({ value }) => line(box.x, sharp(y(value)), box.x + box.width, sharp(y(value)), paint)),
  ];
}

/** Labelled ticks are longer than minor ones. */
const tickLength = (tick: Tick): number => (tick.label === "" ? points(2) : TICK_LENGTH);

function bottomAxis(ticks: readonly Tick[], axis: Axis, labels: LabelFit, { box, x }: Scales): Node[] {
  const edge = box.y + box.height + 1;
  const nodes: Node[] = [];
  let labelled = 0;
  for (const tick of ticks) {
    const at = sharp(x(tick.value));
    nodes.push(line(at, edge, at, edge + tickLength(tick), { stroke: INK, strokeWidth: 1 }));
    if (tick.label === "" || labelled++ % labels.every !== 0) continue;
    const y = edge + TICK_LENGTH + TICK_PAD;
    nodes.push(
      labels.slant === 0
        ? text(x(tick.value), y, tick.label, { size: FONT, anchor: "middle", at: "top" })
        : text(x(tick.value) + heightOf(FONT) * 0.15, y - 2, tick.label, {
            size: FONT,
            anchor: "end",
            at: "top",
            rotate: -45,
          }),
    );
  }
  if (axis.label !== "") {
    const y = edge + (labels.depth > 0 ? TICK_LENGTH + TICK_PAD + labels.depth : 1) + LABEL_PAD;
    nodes.push(text(box.x + box.width / 2, y, axis.label, { size: FONT, anchor: "middle", at: "top" }));
  }
  return nodes;
}

function sideAxis(
  ticks: readonly Tick[],
  axis: Axis,
  y: (value: number) => number,
  box: Box,
  side: "left" | "right",
): Node[] {
  const [edge, out] = side === "left" ? [box.x, -1] : [box.x + box.width + 1, 1];
  const fill = axis.color ?? INK;
  const nodes: Node[] = [];
  let widest = 0;
  for (const tick of ticks) {
    const at = sharp(y(tick.value));
    nodes.push(line(edge, at, edge + out * tickLength(tick), at, { stroke: fill, strokeWidth: 1 }));
    const anchor = side === "left" ? "end" : "start";
    const x = edge + out * (TICK_LENGTH + TICK_PAD);
    if (tick.label !== "") nodes.push(text(x, y(tick.value), tick.label, { size: FONT, anchor, at: "center", fill }));
    widest = Math.max(widest, widthOf(tick.label, FONT));
  }
  if (axis.label !== "") {
    const x = edge + out * ((ticks.length > 0 ? TICK_LENGTH + TICK_PAD + widest : 2) + LABEL_PAD);
    const at = side === "left" ? "bottom" : "top";
    nodes.push(text(x, box.y + box.height / 2, axis.label, { size: FONT, anchor: "middle", at, rotate: -90, fill }));
  }
  return nodes;
}
