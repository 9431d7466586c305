/**
 * The box that names the lines.
 *
 * @module
 */
import type { Box, Node } from "../scene/scene.js";
import { line, rect, text, widthOf } from "./draw.js";
import { type LineStyle, markers, strokeOf } from "./marks.js";
import { FONT, points } from "./style.js";

/** Inside the axes, in the order in which `"best"` tries them, which is matplotlib's. */
const INSIDE = [
  "upper right",
  "upper left",
  "lower left",
  "lower right",
  "center left",
  "center right",
  "lower center",
  "upper center",
  "center",
] as const;
export const LEGEND_PLACES = ["best", ...INSIDE, "right"] as const;
/** `"right"` is outside, beside the axes; `"best"` the place inside with the least in it. */
export type LegendPlace = (typeof LEGEND_PLACES)[number];

export interface LegendEntry {
  readonly label: string;
  /** A line with its marker, or a filled patch. */
  readonly key: LineStyle | { readonly patch: string };
}

export interface LegendSpec {
  readonly entries: readonly LegendEntry[];
  readonly place: LegendPlace;
  /** A line above the entries. */
  readonly title?: string;
}

const SIZE = FONT * 0.95;
const KEY = points(SIZE * 1.9);
const GAP = points(SIZE * 0.7);
const PAD = points(SIZE * 0.45);
const LINE = points(SIZE * 1.42);
/** matplotlib's distance from the axes. */
const INSET = points(SIZE * 0.5);

export function legendSize(spec: LegendSpec): { width: number; height: number } {
  const widest = Math.max(...spec.entries.map((entry) => widthOf(entry.label, SIZE)));
  const lines = spec.entries.length + (spec.title === undefined ? 0 : 1);
  const title = widthOf(spec.title ?? "", SIZE);
  return {
    width: 2 * PAD + Math.max(KEY + GAP + widest, title),
    height: 2 * PAD + LINE * lines - points(SIZE * 0.3),
  };
}

/** Room that a legend beside the axes takes. */
export function legendRoom(spec: LegendSpec | undefined): number {
  return spec?.place === "right" ? legendSize(spec).width + INSET + 2 : 0;
}

/**
 * The legend inside (or beside) a box. `drawn` are points in pixels that it should not cover; `beside` is where the room right
 * of the axes begins.
 */
export function legendNodes(
  spec: LegendSpec,
  box: Box,
  drawn: readonly (readonly [number, number])[],
  beside: number,
): Node[] {
  const { width, height } = legendSize(spec);
  const [left, right] = [box.x + INSET, box.x + box.width - INSET - width];
  const [top, bottom] = [box.y + INSET, box.y + box.height - INSET - height];
  const [centre, middle] = [(left + right) / 2, (top + bottom) / 2];
  const places: Record<Exclude<LegendPlace, "best">, readonly [number, number]> = {
    "upper right": [right, top],
    "upper left": [left, top],
    "lower left": [left, bottom],
    "lower right": [right, bottom],
    "center left": [left, middle],
    "center right": [right, middle],
    "lower center": [centre, bottom],
    "upper center": [centre, top],
    center: [centre, middle],
    right: [beside + INSET, box.y],
  };
  let [x, y] = places[spec.place === "best" ? "upper right" : spec.place];
  if (spec.place === "best") {
    let fewest = Infinity;
    for (const place of INSIDE) {
      const [cx, cy] = places[place];
      const covered = drawn.filter(
        ([px, py]) => px > cx - 4 && px < cx + width + 4 && py > cy - 4 && py < cy + height + 4,
      ).length;
      if (covered < fewest) [x, y, fewest] = [cx, cy, covered];
    }
  }
  x = Math.round(x) + 0.5;
  y = Math.round(y) + 0.5;
  const nodes: Node[] = [
    rect({ x, y, width: Math.round(width), height: Math.round(height) }, { fill: "#ffffff", opacity: 0.8 }, 3),
    rect({ x, y, width: Math.round(width), height: Math.round(height) }, { stroke: "#cccccc", strokeWidth: 1 }, 3),
  ];
  const middleOf = (i: number): number => y + PAD + LINE * (i + 0.5) - points(SIZE * 0.15);
  if (spec.title !== undefined) {
    nodes.push(text(x + width / 2, middleOf(0), spec.title, { size: SIZE, anchor: "middle", at: "center" }));
  }
  for (const [i, entry] of spec.entries.entries()) {
    const middle = middleOf(i + (spec.title === undefined ? 0 : 1));
    const start = x + PAD;
    if ("patch" in entry.key) {
      nodes.push(rect({ x: start, y: middle - KEY * 0.18, width: KEY, height: KEY * 0.36 }, { fill: entry.key.patch }));
    } else {
      if (entry.key.dash !== undefined) nodes.push(line(start, middle, start + KEY, middle, strokeOf(entry.key)));
      if (entry.key.marker !== undefined)
        nodes.push(markers([start + KEY / 2], [middle], entry.key.marker, entry.key.color));
    }
    nodes.push(text(start + KEY + GAP, middle, entry.label, { size: SIZE, at: "center" }));
  }
  return nodes;
}
