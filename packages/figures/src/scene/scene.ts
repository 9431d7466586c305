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

/**
 * Collects path commands; has the methods of a canvas context that d3-shape draws with.
 * Arcs become cubic Béziers, four for a full circle (error below 0.03 % of the radius).
 */
export class PathRecorder {
  readonly commands: PathCommand[] = [];
  /** Where the origin of what is drawn lies. */
  offset: readonly [number, number] = [0, 0];

  moveTo(x: number, y: number): void {
    this.commands.push(["M", x + this.offset[0], y + this.offset[1]]);
  }

  lineTo(x: number, y: number): void {
    this.commands.push(["L", x + this.offset[0], y + this.offset[1]]);
  }

  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void {
    const [dx, dy] = this.offset;
    this.commands.push(["Q", x1 + dx, y1 + dy, x + dx, y + dy]);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    const [dx, dy] = this.offset;
    this.commands.push(["C", x1 + dx, y1 + dy, x2 + dx, y2 + dy, x + dx, y + dy]);
  }

  arc(x: number, y: number, r: number): void {
    const k = 0.5522847498 * r;
    this.moveTo(x + r, y);
    this.bezierCurveTo(x + r, y + k, x + k, y + r, x, y + r);
    this.bezierCurveTo(x - k, y + r, x - r, y + k, x - r, y);
    this.bezierCurveTo(x - r, y - k, x - k, y - r, x, y - r);
    this.bezierCurveTo(x + k, y - r, x + r, y - k, x + r, y);
    this.closePath();
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.moveTo(x, y);
    this.lineTo(x + width, y);
    this.lineTo(x + width, y + height);
    this.lineTo(x, y + height);
    this.closePath();
  }

  closePath(): void {
    this.commands.push(["Z"]);
  }
}
