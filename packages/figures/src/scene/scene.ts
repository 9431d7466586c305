/**
 * A picture as plain data. Every figure becomes a scene; SVG, PNG and canvas are three ways to show one.
 *
 * Coordinates are CSS pixels, x to the right, y down. A scene holds no functions and survives `structuredClone` and JSON.
 *
 * @module
 */

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How an area or a line is painted; colours are CSS colours. */
export interface Paint {
  readonly fill?: string;
  readonly stroke?: string;
  readonly strokeWidth?: number;
  /** Lengths of dashes and gaps. */
  readonly dash?: readonly number[];
  readonly opacity?: number;
  readonly cap?: "butt" | "round" | "square";
  readonly join?: "miter" | "round" | "bevel";
}

/** Children drawn in order, optionally clipped to a rectangle. */
export interface Group {
  readonly kind: "group";
  readonly children: readonly Node[];
  readonly clip?: Box;
  readonly opacity?: number;
}

export interface Rect extends Box, Paint {
  readonly kind: "rect";
  /** Corner radius. */
  readonly radius?: number;
}

/** A grid of coloured cells without gaps or smoothing, row by row; `null` leaves a cell empty. */
export interface Cells {
  readonly kind: "cells";
  readonly x: number;
  readonly y: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly columns: number;
  readonly colors: readonly (string | null)[];
  readonly opacity?: number;
}

export type PathCommand =
  | readonly ["M" | "L", number, number]
  | readonly ["Q", number, number, number, number]
  | readonly ["C", number, number, number, number, number, number]
  | readonly ["Z"];

export interface Path extends Paint {
  readonly kind: "path";
  readonly commands: readonly PathCommand[];
}

/** Letters of one size on one height: a subscript is a run of its own. */
export interface Run {
  readonly text: string;
  /** Font size in pixels. */
  readonly size: number;
  /** Pixels above the baseline of the whole text; negative is below. */
  readonly shift: number;
  readonly italic: boolean;
}

/** One line of text; (x, y) is its anchor on the baseline. */
export interface Text {
  readonly kind: "text";
  readonly x: number;
  readonly y: number;
  readonly runs: readonly Run[];
  readonly anchor: "start" | "middle" | "end";
  readonly fill: string;
  readonly bold?: boolean;
  /** Degrees clockwise about (x, y). */
  readonly rotate?: number;
  /** Colour of an outline drawn behind the letters, so that they stand out from lines. */
  readonly halo?: string;
}

export type Node = Group | Rect | Cells | Path | Text;

/** Where one panel of a figure lies and which numbers its edges stand for: enough to turn a click into data. */
export interface Frame extends Box {
  readonly title: string;
  readonly xScale: AxisScale;
  readonly yScale: AxisScale;
}

/** `from` is the number at the left or bottom edge of the frame, `to` that at the right or top edge. */
export interface AxisScale {
  readonly type: "linear" | "log";
  readonly from: number;
  readonly to: number;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Text alternatives: a name, and a sentence or two on what can be seen. */
  readonly title: string;
  readonly description: string;
  readonly background: string;
  readonly children: readonly Node[];
  readonly frames: readonly Frame[];
}

/** The font families asked for, first choice first; the first two come with the package for PNG. */
export const FONT_FAMILIES = [
  "DejaVu Sans",
  "NanumGothic",
  "Nanum Gothic",
  "Verdana",
  "Apple SD Gothic Neo",
  "Malgun Gothic",
  "Noto Sans KR",
  "sans-serif",
] as const;
