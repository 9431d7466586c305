/**
 * Small helpers that make scene nodes.
 *
 * @module
 */

import { PathRecorder } from "../scene/recorder.js";
import type { Box, Group, Node, Paint, Path, Rect, Text } from "../scene/scene.js";
import { parseLabel, runsWidth } from "../text/mathtext.js";
import { ASCENT, CAP_HEIGHT, DESCENT } from "../text/metrics.js";
import { INK, points } from "./style.js";

export interface TextOptions {
  /** In points. */
  size: number;
  anchor?: Text["anchor"];
  /** What of the text lies at y: its baseline, its top, the middle of its capitals, its bottom. */
  at?: "baseline" | "top" | "center" | "bottom";
  fill?: string;
  bold?: boolean;
  rotate?: number;
  halo?: string;
}

/** One label at a place. A rotated label turns about that place. */
export function text(x: number, y: number, label: string, options: TextOptions): Text {
  const size = points(options.size);
  const runs = parseLabel(label, size);
  const drop = { baseline: 0, top: ASCENT, center: CAP_HEIGHT / 2, bottom: -DESCENT }[options.at ?? "baseline"] * size;
  const angle = ((options.rotate ?? 0) * Math.PI) / 180;
  return {
    kind: "text",
    x: x - Math.sin(angle) * drop,
    y: y + Math.cos(angle) * drop,
    runs,
    anchor: options.anchor ?? "start",
    fill: options.fill ?? INK,
    ...(options.bold === true && { bold: true }),
    ...(options.rotate !== undefined && options.rotate !== 0 && { rotate: options.rotate }),
    ...(options.halo !== undefined && { halo: options.halo }),
  };
}

/** Width in pixels of a label at a size in points. */
export function widthOf(label: string, size: number): number {
  return runsWidth(parseLabel(label, points(size)));
}

/** Height in pixels of a line of text at a size in points. */
export function heightOf(size: number): number {
  return points(size) * (ASCENT + DESCENT);
}

export function line(x1: number, y1: number, x2: number, y2: number, paint: Paint): Path {
  return {
    kind: "path",
    commands: [
      ["M", x1, y1],
      ["L", x2, y2],
    ],
    ...paint,
  };
}

/** A path drawn by `draw`, for instance by d3-shape. */
export function drawn(paint: Paint, draw: (recorder: PathRecorder) => void): Path {
  const recorder = new PathRecorder();
  draw(recorder);
  return { kind: "path", commands: recorder.commands, ...paint };
}

export function rect(box: Box, paint: Paint, radius?: number): Rect {
  return {
    kind: "rect",
    x: box.x,
    y: box.y,
    width: box.width,
    height: box.height,
    ...(radius !== undefined && { radius }),
    ...paint,
  };
}

export function group(children: readonly Node[], clip?: Box): Group {
  return { kind: "group", children, ...(clip !== undefined && { clip }) };
}

/** The frame around a box, on the half pixel so that a line of one pixel is sharp. */
export function frameRect(box: Box, paint: Paint = { stroke: INK, strokeWidth: 1 }): Rect {
  return rect({ x: box.x + 0.5, y: box.y + 0.5, width: box.width, height: box.height }, { join: "miter", ...paint });
}

/** The nearest half pixel, where a line one pixel wide is sharp. */
export const sharp = (position: number): number => Math.round(position - 0.5) + 0.5;

/** A number in a few digits, with a true minus sign. */
export function shortNumber(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}
