/**
 * What stands in and beside the cells of a heat map.
 *
 * @module
 */
import type { Box, Node, PathCommand } from "../scene/scene.js";
import { readableOn } from "./colors.js";
import { frameRect, heightOf, line, rect, sharp, text, widthOf } from "./draw.js";
import type { HeatMapSpec } from "./heatmap-spec.js";
import { FONT, HATCH_COLOR, INK, LABEL_PAD, MISSING_COLOR, TICK_LENGTH, TICK_PAD } from "./style.js";
import type { Tick } from "./ticks.js";

/** Cells that have their place: `x` and `y` give the middle of a column and of a row. */
export interface CellGrid {
  readonly box: Box;
  readonly cellWidth: number;
  readonly cellHeight: number;
  x(column: number): number;
  y(row: number): number;
}

export const TICK = { stroke: INK, strokeWidth: 1 };

export function widest(ticks: readonly Tick[], size: number): number {
  return ticks.reduce((most, tick) => Math.max(most, widthOf(tick.label, size)), 0);
}

/** Grey, hatched rectangles where there is no number. */
export function missingCells(matrix: HeatMapSpec["matrix"], { box, cellWidth: cw, cellHeight: ch }: CellGrid): Node[] {
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
export function cellNumbers(spec: HeatMapSpec, colors: readonly (string | null)[], cells: CellGrid): Node[] {
  const { annotate } = spec;
  if (annotate === undefined) return [];
  const labels = spec.matrix.map((row, i) => row.map((value, j) => annotate(value, i, j)));
  const widestLabel = labels.flat().reduce((most, label) => Math.max(most, widthOf(label, 1)), 1);
  const size = Math.min(FONT, (cells.cellWidth * 0.82) / widestLabel, (cells.cellHeight * 0.7) / heightOf(1));
  return labels.flatMap((row, i) =>
    row.flatMap((label, j) => {
      if (label === "") return [];
      const fill = readableOn(colors[i * row.length + j] ?? MISSING_COLOR);
      return [text(cells.x(j), cells.y(i), label, { size, anchor: "middle", at: "center", fill })];
    }),
  );
}

export function colorBar(spec: HeatMapSpec, bar: Box, ticks: readonly Tick[], label: string): Node[] {
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

type ColorKey = NonNullable<HeatMapSpec["key"]>;

const KEY_SIDE = heightOf(FONT) * 0.75;
const [KEY_PAD, KEY_GAP] = [5, 16];

/** Pixels that a key takes from left to right. */
export function keyWidth(key: ColorKey): number {
  return key.reduce((sum, { label }, i) => sum + KEY_SIDE + KEY_PAD + widthOf(label, FONT) + (i > 0 ? KEY_GAP : 0), 0);
}

/** Small squares with what their colours mean, from the left edge of the cells if there is room. */
export function colorKey(key: ColorKey, box: Box, room: Box, top: number): Node[] {
  const nodes: Node[] = [];
  let x = Math.max(room.x, Math.min(box.x, room.x + room.width - keyWidth(key)));
  for (const { color, label } of key) {
    nodes.push(rect({ x, y: top + heightOf(FONT) * 0.1, width: KEY_SIDE, height: KEY_SIDE }, { fill: color }));
    nodes.push(text(x + KEY_SIDE + KEY_PAD, top, label, { size: FONT, at: "top" }));
    x += KEY_SIDE + KEY_PAD + widthOf(label, FONT) + KEY_GAP;
  }
  return nodes;
}
