/**
 * Lines and markers, named as matplotlib names them: `"--o"` is a dashed line with dots.
 *
 * @module
 */
import {
  line as lineShape,
  type SymbolType,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond2,
  symbolPlus,
  symbolSquare,
  symbolStar,
  symbolTimes,
  symbolTriangle,
} from "d3-shape";
import { describe, FigureError } from "../errors.js";
import { PathRecorder } from "../scene/recorder.js";
import type { Node, Paint, Path } from "../scene/scene.js";
import { namedColor } from "./colors.js";
import { LINE_WIDTH, MARKER_SIZE } from "./style.js";

export type Dash = "-" | "--" | "-." | ":";

/** How a series is drawn; colours resolved, lengths in pixels. */
export interface LineStyle {
  readonly color: string;
  readonly dash: Dash | undefined;
  readonly marker: string | undefined;
  readonly width: number;
  readonly opacity?: number;
}

/** Dash lengths in units of the line width, as in matplotlib. */
const DASHES: Readonly<Record<Dash, readonly number[] | undefined>> = {
  "-": undefined,
  "--": [3.7, 1.6],
  "-.": [6.4, 1.6, 1, 1.6],
  ":": [1, 1.65],
};

interface Marker {
  readonly type: SymbolType;
  /** Area in units of the squared marker size, as d3 measures symbols. */
  readonly area: number;
  /** 1 or −1: upright or upside down. */
  readonly flip?: -1;
  readonly stroked?: true;
}

const MARKERS: Readonly<Record<string, Marker>> = {
  o: { type: symbolCircle, area: Math.PI / 4 },
  ".": { type: symbolCircle, area: Math.PI / 16 },
  s: { type: symbolSquare, area: 1 },
  D: { type: symbolDiamond2, area: 0.9 },
  "^": { type: symbolTriangle, area: 0.5 },
  v: { type: symbolTriangle, area: 0.5, flip: -1 },
  "*": { type: symbolStar, area: 0.7 },
  P: { type: symbolCross, area: 0.7 },
  "+": { type: symbolPlus, area: 0.9, stroked: true },
  x: { type: symbolTimes, area: 0.9, stroked: true },
};

/** What a format such as `"--o"`, `"r:"` or `"s"` says. */
export interface Format {
  readonly dash?: Dash;
  readonly marker?: string;
  readonly color?: string;
}

/**
 * Reads matplotlib's format text: a line (`-`, `--`, `-.`, `:`), a marker (`o . s D ^ v * P + x`), a colour letter or `C0` … `C9`, in any order.
 *
 * @throws FigureError for anything else
 */
export function parseFormat(where: string, format: unknown): Format {
  if (typeof format !== "string")
    throw new FigureError(`${where}: expected a format such as '--o', got ${describe(format)}`);
  const found: { dash?: Dash; marker?: string; color?: string } = {};
  let rest = format;
  while (rest !== "") {
    const dash = (["--", "-.", "-", ":"] as const).find((d) => rest.startsWith(d));
    const color = /^(C\d|[bgrcmykw])/.exec(rest)?.[0];
    const marker = rest[0] as string;
    if (dash !== undefined && found.dash === undefined) [found.dash, rest] = [dash, rest.slice(dash.length)];
    else if (Object.hasOwn(MARKERS, marker) && found.marker === undefined)
      [found.marker, rest] = [marker, rest.slice(1)];
    else if (color !== undefined && found.color === undefined)
      [found.color, rest] = [namedColor(where, color), rest.slice(color.length)];
    else {
      throw new FigureError(
        `${where}: expected a format of a line (-, --, -., :), a marker (${Object.keys(MARKERS).join(" ")}) and a colour ` +
          `(b g r c m y k w, C0 … C9), each at most once, got ${JSON.stringify(format)}, not understood from ${JSON.stringify(rest)}`,
      );
    }
  }
  return found;
}

/**
 * The line through points in pixels, with gaps where a coordinate is not finite, and its markers.
 */
export function seriesNodes(xs: readonly number[], ys: readonly number[], style: LineStyle): Node[] {
  const nodes: Node[] = [];
  const opacity = style.opacity === undefined ? {} : { opacity: style.opacity };
  if (style.dash !== undefined) {
    const recorder = new PathRecorder();
    const kept = thinned(xs, ys);
    lineShape<number>()
      .defined((i) => Number.isFinite(xs[i]) && Number.isFinite(ys[i]))
      .x((i) => xs[i] as number)
      .y((i) => ys[i] as number)
      .context(recorder as unknown as CanvasRenderingContext2D)(kept);
    nodes.push({ kind: "path", commands: recorder.commands, ...strokeOf(style), ...opacity });
  }
  if (style.marker !== undefined) nodes.push({ ...markers(xs, ys, style.marker, style.color), ...opacity });
  return nodes;
}

/** The stroke of a line in its dash. */
export function strokeOf(style: Pick<LineStyle, "color" | "width" | "dash">): Paint {
  const dash = DASHES[style.dash ?? "-"];
  return {
    stroke: style.color,
    strokeWidth: style.width,
    join: "round",
    ...(dash === undefined ? { cap: "square" } : { cap: "butt", dash: dash.map((length) => length * style.width) }),
  };
}

/** One path with a marker at every point. */
export function markers(
  xs: readonly number[],
  ys: readonly number[],
  name: string,
  color: string,
  size = MARKER_SIZE,
): Path {
  const marker = MARKERS[name] as Marker;
  const recorder = new PathRecorder();
  const draw = symbol(marker.type, marker.area * size * size).context(recorder as unknown as CanvasRenderingContext2D);
  if (marker.flip === -1) recorder.flipped = true;
  for (const [i, x] of xs.entries()) {
    const y = ys[i] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    recorder.offset = [x, y];
    draw();
  }
  const paint: Paint = marker.stroked ? { stroke: color, strokeWidth: LINE_WIDTH } : { fill: color };
  return { kind: "path", commands: recorder.commands, ...paint };
}

/**
 * Indices of the points that can be told apart: when there are many to a pixel column, the first, lowest, highest and last of each.
 * Lines that run back and forth keep all points.
 */
function thinned(xs: readonly number[], ys: readonly number[]): number[] {
  const all = Array.from(xs, (_, i) => i);
  const span = Math.abs((xs.at(-1) ?? 0) - (xs[0] ?? 0));
  const ordered = (): boolean => all.every((i) => i === 0 || !((xs[i] as number) < (xs[i - 1] as number)));
  if (all.length < 2000 || all.length < 4 * span || !ordered()) return all;
  const kept: number[] = [];
  for (let start = 0; start < all.length; ) {
    const column = Math.floor(xs[start] as number);
    let end = start;
    let [lowest, highest, gap] = [start, start, false];
    while (end < all.length && Math.floor(xs[end] as number) === column) {
      if (!Number.isFinite(ys[end])) gap = true;
      if ((ys[end] as number) < (ys[lowest] as number)) lowest = end;
      if ((ys[end] as number) > (ys[highest] as number)) highest = end;
      end++;
    }
    if (end === start) end = start + 1;
    if (gap) for (let i = start; i < end; i++) kept.push(i);
    else kept.push(...new Set([start, ...[lowest, highest].sort((a, b) => a - b), end - 1]));
    start = end;
  }
  return kept;
}
