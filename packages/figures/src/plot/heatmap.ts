/**
 * The panel behind `matshow`: cells, ticks, dividing lines, numbers in the cells, colour bar.
 *
 * @module
 */
import type { Box, Frame, Node, PathCommand } from "../scene/scene.js";
import { type ColorMap, cellColor, readableOn } from "./colors.js";
import { frameRect, group, heightOf, line, rect, sharp, text, widthOf } from "./draw.js";
import { fitLabels, type LabelFit } from "./labels.js";
import type { Margins, Panel, Size } from "./panel.js";
import { titleNode } from "./panel.js";
import {
  DPI,
  FONT,
  FRAME_WIDTH,
  HATCH_COLOR,
  INK,
  LABEL_PAD,
  LINE_WIDTH,
  MISSING_COLOR,
  TICK_LENGTH,
  TICK_PAD,
  TITLE_PAD,
} from "./style.js";
import { linearTicks, type Tick } from "./ticks.js";

/** A straight line across all rows (or columns) at a position in cells, 2.5 being between the third and the fourth. */
export interface Divider {
  readonly at: number;
  readonly color: string;
  readonly width: number;
}

/** Everything decided: what `heatMapPanel` draws. */
export interface HeatMapSpec {
  readonly matrix: readonly (readonly number[])[];
  readonly map: ColorMap;
  readonly vmin: number;
  readonly vmax: number;
  readonly xticks: readonly Tick[];
  readonly yticks: readonly Tick[];
  readonly xlabel: string;
  readonly ylabel: string;
  readonly title: string;
  readonly titleSize: number;
  readonly tickSize: number;
  readonly colorbar: { readonly label: string } | undefined;
  readonly vlines: readonly Divider[];
  readonly hlines: readonly Divider[];
  readonly annotate: ((value: number, row: number, column: number) => string) | undefined;
  readonly cellSize: readonly [number, number] | undefined;
  readonly description: string;
}

const BAR_PAD = 12;

/** The box that `plt.matshow` gives a matrix: 0.775 of a figure of matplotlib's `figaspect`, cut down to whole pixels a cell. */
export function matshowCell(rows: number, columns: number): number {
  const ratio = rows / columns;
  let [width, height] = [4.8 / ratio, 4.8];
  const grow = Math.min(1, width / 4, height / 2);
  [width, height] = [width / grow, height / grow];
  const shrink = Math.max(1, width / 16, height / 16);
  [width, height] = [Math.max(4, width / shrink), Math.max(2, height / shrink)];
  return Math.max(2, Math.floor(Math.min((0.775 * DPI * width) / columns, (0.775 * DPI * height) / rows)));
}

export function heatMapPanel(spec: HeatMapSpec): Panel {
  const rows = spec.matrix.length;
  const columns = (spec.matrix[0] as readonly number[]).length;
  const [cellWidth, cellHeight] = spec.cellSize ?? [matshowCell(rows, columns), matshowCell(rows, columns)];
  const preferred: Size = { width: cellWidth * columns, height: cellHeight * rows };
  const barTicks = (height: number): Tick[] =>
    linearTicks(spec.vmin, spec.vmax, Math.max(2, Math.min(9, Math.round(height / 45))));
  const barWidth = (height: number): number => Math.round(Math.max(8, Math.min(22, height / 20)));
  const topLabels = (width: number): LabelFit =>
    fitLabels(spec.xticks, spec.tickSize, (value) => ((value + 0.5) * width) / columns);

  return {
    title: spec.title,
    description: spec.description,
    preferred,
    aspect: preferred.height / preferred.width,
    titleWidth: spec.title === "" ? 0 : widthOf(spec.title, spec.titleSize),

    margins({ width, height }: Size): Margins {
      const labels = topLabels(width);
      const overhang = Math.max(
        0,
        labels.after - ((columns - 0.5 - (spec.xticks.at(-1)?.value ?? 0)) * width) / columns,
      );
      let right = FRAME_WIDTH + (labels.slant === 45 ? overhang : Math.min(overhang, labels.after));
      if (spec.colorbar !== undefined) {
        right =
          Math.max(BAR_PAD, overhang) +
          barWidth(height) +
          TICK_LENGTH +
          TICK_PAD +
          widest(barTicks(height), FONT) +
          (spec.colorbar.label === "" ? 0 : LABEL_PAD + heightOf(FONT));
      }
      return {
        left:
          (spec.yticks.length > 0 ? TICK_LENGTH + TICK_PAD + widest(spec.yticks, spec.tickSize) : 0) +
          axisLabelRoom(spec.ylabel),
        right,
        top:
          (spec.xticks.length > 0 ? TICK_LENGTH + TICK_PAD + labels.depth : 0) +
          (spec.title === "" ? 0 : TITLE_PAD + heightOf(spec.titleSize)),
        bottom: (spec.xticks.length > 0 ? TICK_LENGTH : FRAME_WIDTH) + axisLabelRoom(spec.xlabel),
      };
    },

    draw(box: Box, room: Box): Node[] {
      const [cw, ch] = [box.width / columns, box.height / rows];
      const x = (column: number): number => box.x + (column + 0.5) * cw;
      const y = (row: number): number => box.y + (row + 0.5) * ch;
      const colors = spec.matrix.flatMap((row) => row.map((value) => cellColor(spec.map, value, spec.vmin, spec.vmax)));
      const nodes: Node[] = [
        ...missing(spec.matrix, box, cw, ch),
        { kind: "cells", x: box.x, y: box.y, cellWidth: cw, cellHeight: ch, columns, colors },
      ];
      if (spec.annotate !== undefined) nodes.push(...numbers(spec, spec.annotate, colors, x, y, cw, ch));
      const dividers = [
        ...spec.vlines.map((d) =>
          line(x(d.at), box.y, x(d.at), box.y + box.height, { stroke: d.color, strokeWidth: d.width }),
        ),
        ...spec.hlines.map((d) =>
          line(box.x, y(d.at), box.x + box.width, y(d.at), { stroke: d.color, strokeWidth: d.width }),
        ),
      ];
      if (dividers.length > 0) nodes.push(group(dividers, box));
      nodes.push(frameRect(box));

      const labels = topLabels(box.width);
      const tick = { stroke: INK, strokeWidth: 1 };
      for (const [i, { value, label }] of spec.xticks.entries()) {
        const at = sharp(x(value));
        nodes.push(line(at, box.y, at, box.y - TICK_LENGTH, tick));
        nodes.push(line(at, box.y + box.height + 1, at, box.y + box.height + 1 + TICK_LENGTH, tick));
        if (i % labels.every !== 0) continue;
        const base = box.y - TICK_LENGTH - TICK_PAD;
        nodes.push(
          labels.slant === 0
            ? text(x(value), base, label, { size: spec.tickSize, anchor: "middle", at: "bottom" })
            : text(x(value) + heightOf(spec.tickSize) * 0.25, base - 1, label, { size: spec.tickSize, rotate: -45 }),
        );
      }
      const everyRow = Math.max(1, Math.ceil((heightOf(spec.tickSize) * 0.9) / (tickSpacing(spec.yticks) * ch)));
      for (const [i, { value, label }] of spec.yticks.entries()) {
        const at = sharp(y(value));
        nodes.push(line(box.x, at, box.x - TICK_LENGTH, at, tick));
        if (i % everyRow !== 0) continue;
        nodes.push(
          text(box.x - TICK_LENGTH - TICK_PAD, y(value), label, { size: spec.tickSize, anchor: "end", at: "center" }),
        );
      }
      if (spec.xlabel !== "") {
        const at = box.y + box.height + (spec.xticks.length > 0 ? TICK_LENGTH : 1) + LABEL_PAD;
        nodes.push(text(box.x + box.width / 2, at, spec.xlabel, { size: FONT, anchor: "middle", at: "top" }));
      }
      if (spec.ylabel !== "") {
        const at =
          box.x -
          (spec.yticks.length > 0 ? TICK_LENGTH + TICK_PAD + widest(spec.yticks, spec.tickSize) : 0) -
          LABEL_PAD;
        nodes.push(
          text(at, box.y + box.height / 2, spec.ylabel, { size: FONT, anchor: "middle", at: "bottom", rotate: -90 }),
        );
      }
      if (spec.colorbar !== undefined) {
        const overhang = Math.max(0, labels.after - (columns - 0.5 - (spec.xticks.at(-1)?.value ?? 0)) * cw);
        const bar = {
          x: box.x + box.width + Math.max(BAR_PAD, Math.ceil(overhang)),
          y: box.y,
          width: barWidth(box.height),
          height: box.height,
        };
        nodes.push(...colorBar(spec, bar, barTicks(box.height), spec.colorbar.label));
      }
      const above = spec.xticks.length > 0 ? TICK_LENGTH + TICK_PAD + labels.depth : 0;
      nodes.push(...titleNode(spec.title, spec.titleSize, box, room, box.y - above - TITLE_PAD));
      return nodes;
    },

    frame(box: Box): Frame {
      return {
        ...box,
        title: spec.title,
        xScale: { type: "linear", from: -0.5, to: columns - 0.5 },
        yScale: { type: "linear", from: rows - 0.5, to: -0.5 },
      };
    },
  };
}

const axisLabelRoom = (label: string): number => (label === "" ? 0 : LABEL_PAD + heightOf(FONT));

function widest(ticks: readonly Tick[], size: number): number {
  return Math.max(0, ...ticks.map((tick) => widthOf(tick.label, size)));
}

function tickSpacing(ticks: readonly Tick[]): number {
  return ticks.length < 2 ? Infinity : Math.abs((ticks[1] as Tick).value - (ticks[0] as Tick).value);
}

/** Grey, hatched rectangles where there is no number. */
function missing(matrix: HeatMapSpec["matrix"], box: Box, cw: number, ch: number): Node[] {
  const nodes: Node[] = [];
  const hatch: PathCommand[] = [];
  const step = Math.max(3, Math.min(8, Math.min(cw, ch) / 3));
  for (const [i, row] of matrix.entries()) {
    for (const [j, value] of row.entries()) {
      if (Number.isFinite(value)) continue;
      const [x, y] = [box.x + j * cw, box.y + i * ch];
      nodes.push(rect({ x, y, width: cw, height: ch }, { fill: MISSING_COLOR }));
      for (let c = step; c < cw + ch; c += step) {
        hatch.push(
          ["M", x + Math.max(0, c - ch), y + Math.min(c, ch)],
          ["L", x + Math.min(c, cw), y + Math.max(0, c - cw)],
        );
      }
    }
  }
  if (hatch.length > 0) nodes.push({ kind: "path", commands: hatch, stroke: HATCH_COLOR, strokeWidth: 1 });
  return nodes;
}

/** Text in every cell, as large as all of them allow, black or white by what lies behind. */
function numbers(
  spec: HeatMapSpec,
  write: (value: number, row: number, column: number) => string,
  colors: readonly (string | null)[],
  x: (column: number) => number,
  y: (row: number) => number,
  cw: number,
  ch: number,
): Node[] {
  const labels = spec.matrix.map((row, i) => row.map((value, j) => write(value, i, j)));
  const widestLabel = Math.max(1, ...labels.flat().map((label) => widthOf(label, 1)));
  const size = Math.min(FONT, (cw * 0.82) / widestLabel, (ch * 0.7) / heightOf(1));
  return labels.flatMap((row, i) =>
    row.flatMap((label, j) => {
      if (label === "") return [];
      const fill = readableOn(colors[i * row.length + j] ?? MISSING_COLOR);
      return [text(x(j), y(i), label, { size, anchor: "middle", at: "center", fill })];
    }),
  );
}

function colorBar(spec: HeatMapSpec, bar: Box, ticks: readonly Tick[], label: string): Node[] {
  const { table } = spec.map;
  const nodes: Node[] = [
    {
      kind: "cells",
      x: bar.x,
      y: bar.y,
      cellWidth: bar.width,
      cellHeight: bar.height / table.length,
      columns: 1,
      colors: table.toReversed(),
    },
    frameRect(bar),
  ];
  const right = bar.x + bar.width + 1;
  for (const tick of ticks) {
    const y = bar.y + bar.height * (1 - (tick.value - spec.vmin) / (spec.vmax - spec.vmin));
    nodes.push(line(right, sharp(y), right + TICK_LENGTH, sharp(y), { stroke: INK, strokeWidth: 1 }));
    nodes.push(text(right + TICK_LENGTH + TICK_PAD, y, tick.label, { size: FONT, at: "center" }));
  }
  if (label !== "") {
    const x = right + TICK_LENGTH + TICK_PAD + widest(ticks, FONT) + LABEL_PAD;
    nodes.push(text(x, bar.y + bar.height / 2, label, { size: FONT, anchor: "middle", at: "top", rotate: -90 }));
  }
  return nodes;
}

/** matplotlib's width of `axvline`. */
export const DIVIDER_WIDTH = LINE_WIDTH;
export const DIVIDER_COLOR = "#00ff00";
