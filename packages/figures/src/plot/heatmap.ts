/**
 * The panel behind `matshow`: cells, ticks, dividing lines, numbers in the cells, colour bar.
 *
 * @module
 */
import type { Box, Frame, Node, Paint } from "../scene/scene.js";
import { cellColor } from "./colors.js";
import { frameRect, group, heightOf, line, sharp, text, widthOf } from "./draw.js";
import {
  type CellGrid,
  cellNumbers,
  colorBar,
  colorKey,
  keyWidth,
  missingCells,
  TICK,
  widest,
} from "./heatmap-parts.js";
import type { Divider, HeatMapSpec } from "./heatmap-spec.js";
import { fitLabels, type LabelFit } from "./labels.js";
import { type Margins, type Panel, type Size, titleNode } from "./panel.js";
import { DPI, FONT, FRAME_WIDTH, LABEL_PAD, LINE_WIDTH, TICK_LENGTH, TICK_PAD, TITLE_PAD } from "./style.js";
import { linearTicks, type Tick } from "./ticks.js";

const BAR_PAD = 12;

/**
 * The side of a cell in the box that `plt.matshow` gives a matrix, 0.775 of a figure of matplotlib's `figaspect`, cut down to whole pixels;
 * but no more than 64, where matplotlib blows up a matrix of few columns.
 */
export function matshowCell(rows: number, columns: number): number {
  const ratio = rows / columns;
  let [width, height] = [4.8 / ratio, 4.8];
  const grow = Math.min(1, width / 4, height / 2);
  [width, height] = [width / grow, height / grow];
  const shrink = Math.max(1, width / 16, height / 16);
  [width, height] = [Math.max(4, width / shrink), Math.max(2, height / shrink)];
  return Math.max(2, Math.floor(Math.min((0.775 * DPI * width) / columns, (0.775 * DPI * height) / rows, 64)));
}

export function heatMapPanel(spec: HeatMapSpec): Panel {
  const rows = spec.matrix.length;
  const columns = (spec.matrix[0] as readonly number[]).length;
  const [cellWidth, cellHeight] = spec.cellSize ?? [matshowCell(rows, columns), matshowCell(rows, columns)];
  const preferred: Size = { width: cellWidth * columns, height: cellHeight * rows };

  return {
    title: spec.title,
    description: spec.description,
    preferred,
    aspect: preferred.height / preferred.width,
    leastWidth: Math.max(spec.title === "" ? 0 : widthOf(spec.title, spec.titleSize), keyWidth(spec.key ?? [])),

    margins(size: Size): Margins {
      const labels = topLabels(spec, size.width);
      const key = spec.key === undefined ? 0 : LABEL_PAD + heightOf(FONT);
      // The numbers at the ends of a colour bar stick out by half their height.
      const barEnd = spec.colorbar === undefined ? 0 : heightOf(FONT) / 2;
      const title = spec.title === "" ? 0 : TITLE_PAD + heightOf(spec.titleSize);
      const ticks = spec.xticks.length > 0 ? TICK_LENGTH : FRAME_WIDTH;
      return {
        left: Math.max((spec.yticks.length > 0 ? rowLabelRoom(spec) : 0) + axisLabelRoom(spec.ylabel), labels.left),
        right: besides(spec, size).end,
        top: Math.max(columnLabelRoom(spec, labels) + title, barEnd),
        bottom: Math.max(ticks + axisLabelRoom(spec.xlabel) + key, barEnd),
      };
    },

    draw(box: Box, room: Box): Node[] {
      const [cw, ch] = [box.width / columns, box.height / rows];
      const cells: CellGrid = {
        box,
        cellWidth: cw,
        cellHeight: ch,
        x: (column) => box.x + (column + 0.5) * cw,
        y: (row) => box.y + (row + 0.5) * ch,
      };
      const colors = spec.matrix.flatMap((row) => row.map((value) => cellColor(spec.map, value, spec.vmin, spec.vmax)));
      const nodes: Node[] = [
        ...missingCells(spec.matrix, cells),
        { kind: "cells", x: box.x, y: box.y, cellWidth: cw, cellHeight: ch, columns, colors },
        ...cellNumbers(spec, colors, cells),
        ...dividers(spec, cells),
        frameRect(box),
        ...columnAxis(spec, cells),
        ...rowAxis(spec, cells),
      ];
      const beside = besides(spec, box);
      const right = box.x + box.width;
      for (const [i, label] of (spec.rowNotes ?? []).entries()) {
        nodes.push(text(right + beside.notes, cells.y(i), label, { size: FONT, at: "center" }));
      }
      if (spec.colorbar !== undefined) {
        const bar = { x: right + beside.bar, y: box.y, width: barWidth(box.height), height: box.height };
        nodes.push(...colorBar(spec, bar, barTicks(spec, box.height), spec.colorbar.label));
      }
      if (spec.key !== undefined)
        nodes.push(
          ...colorKey(spec.key, box, room, box.y + box.height + TICK_LENGTH + axisLabelRoom(spec.xlabel) + LABEL_PAD),
        );
      const above = columnLabelRoom(spec, topLabels(spec, box.width));
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

const rowLabelRoom = (spec: HeatMapSpec): number => TICK_LENGTH + TICK_PAD + widest(spec.yticks, spec.tickSize);

const columnLabelRoom = (spec: HeatMapSpec, labels: LabelFit): number =>
  spec.xticks.length > 0 ? TICK_LENGTH + TICK_PAD + labels.depth : 0;

function topLabels(spec: HeatMapSpec, width: number): LabelFit {
  const columns = (spec.matrix[0] as readonly number[]).length;
  return fitLabels(spec.xticks, spec.tickSize, width, (value) => ((value + 0.5) * width) / columns, "right");
}

/** What stands right of the cells, as distances from their edge: notes on rows, then the colour bar; and where all of it ends. */
function besides(spec: HeatMapSpec, { width, height }: Size): { notes: number; bar: number; end: number } {
  const notes = FRAME_WIDTH + TICK_PAD;
  const widestNote = Math.max(0, ...(spec.rowNotes ?? []).map((label) => widthOf(label, FONT)));
  const afterNotes = spec.rowNotes === undefined ? FRAME_WIDTH : notes + widestNote;
  const bar = BAR_PAD + (spec.rowNotes === undefined ? 0 : afterNotes);
  const numbers = TICK_LENGTH + TICK_PAD + widest(barTicks(spec, height), FONT);
  const afterBar =
    spec.colorbar === undefined ? 0 : bar + barWidth(height) + 1 + numbers + axisLabelRoom(spec.colorbar.label);
  return { notes, bar, end: Math.max(afterNotes, afterBar, topLabels(spec, width).right) };
}

const barWidth = (height: number): number => Math.round(Math.max(8, Math.min(22, height / 20)));

const barTicks = (spec: HeatMapSpec, height: number): Tick[] =>
  linearTicks(spec.vmin, spec.vmax, Math.max(2, Math.min(9, Math.round(height / 45))));

function dividers(spec: HeatMapSpec, { box, x, y }: CellGrid): Node[] {
  const paint = (divider: Divider): Paint => ({ stroke: divider.color, strokeWidth: divider.width });
  const nodes = [
    ...spec.vlines.map((divider) => line(x(divider.at), box.y, x(divider.at), box.y + box.height, paint(divider))),
    ...spec.hlines.map((divider) => line(box.x, y(divider.at), box.x + box.width, y(divider.at), paint(divider))),
  ];
  return nodes.length === 0 ? [] : [group(nodes, box)];
}

/** Ticks above and below, labels above; the axis label below, where matplotlib leaves it. */
function columnAxis(spec: HeatMapSpec, { box, x }: CellGrid): Node[] {
  const labels = topLabels(spec, box.width);
  const bottom = box.y + box.height + 1;
  const nodes: Node[] = [];
  for (const [i, { value, label }] of spec.xticks.entries()) {
    const at = sharp(x(value));
    nodes.push(line(at, box.y, at, box.y - TICK_LENGTH, TICK), line(at, bottom, at, bottom + TICK_LENGTH, TICK));
    if (i % labels.every !== 0) continue;
    const base = box.y - TICK_LENGTH - TICK_PAD;
    nodes.push(
      labels.slant === 0
        ? text(x(value), base, label, { size: spec.tickSize, anchor: "middle", at: "bottom" })
        : text(x(value) + heightOf(spec.tickSize) * 0.25, base - 1, label, { size: spec.tickSize, rotate: -45 }),
    );
  }
  if (spec.xlabel !== "") {
    const y = bottom + (spec.xticks.length > 0 ? TICK_LENGTH : 0) + LABEL_PAD;
    nodes.push(text(box.x + box.width / 2, y, spec.xlabel, { size: FONT, anchor: "middle", at: "top" }));
  }
  return nodes;
}

function rowAxis(spec: HeatMapSpec, { box, y, cellHeight }: CellGrid): Node[] {
  const nodes: Node[] = [];
  const spacing =
    spec.yticks.length < 2 ? Infinity : Math.abs((spec.yticks[1] as Tick).value - (spec.yticks[0] as Tick).value);
  const every = Math.max(1, Math.ceil((heightOf(spec.tickSize) * 0.9) / (spacing * cellHeight)));
  for (const [i, { value, label }] of spec.yticks.entries()) {
    const at = sharp(y(value));
    nodes.push(line(box.x, at, box.x - TICK_LENGTH, at, TICK));
    if (i % every !== 0) continue;
    const x = box.x - TICK_LENGTH - TICK_PAD;
    nodes.push(text(x, y(value), label, { size: spec.tickSize, anchor: "end", at: "center" }));
  }
  if (spec.ylabel !== "") {
    const x = box.x - (spec.yticks.length > 0 ? rowLabelRoom(spec) : 0) - LABEL_PAD;
    nodes.push(
      text(x, box.y + box.height / 2, spec.ylabel, { size: FONT, anchor: "middle", at: "bottom", rotate: -90 }),
    );
  }
  return nodes;
}

/** matplotlib's width of `axvline`. */
export const DIVIDER_WIDTH = LINE_WIDTH;
export const DIVIDER_COLOR = "#00ff00";
