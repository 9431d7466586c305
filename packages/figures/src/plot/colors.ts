/**
 * Colours: matplotlib's colour maps entry for entry, its names for single colours, and which text can be read on what.
 *
 * @module
 */
import { color, rgb } from "d3-color";
import {
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateViridis,
  schemeBlues,
  schemeBrBG,
  schemeGreens,
  schemeGreys,
  schemeOranges,
  schemePuOr,
  schemePurples,
  schemeRdBu,
  schemeReds,
} from "d3-scale-chromatic";
import { describe, didYouMean, FigureError } from "../errors.js";

/** 256 colours. A diverging map has its neutral colour in the middle, which should stand for zero. */
export interface ColorMap {
  readonly name: string;
  readonly kind: "diverging" | "sequential";
  readonly table: readonly string[];
}

const ENTRIES = 256;

const BLUE_WHITE_RED = ["#0000ff", "#ffffff", "#ff0000"];
const WHITE_RED = ["#ffffff", "#ff0000"];

type Source = readonly [ColorMap["kind"], readonly string[] | ((t: number) => string)];

/** By name; `NAME_r` is NAME backwards. d3 has PuOr the other way round than ColorBrewer and matplotlib. */
const SOURCES: Readonly<Record<string, Source>> = {
  bwr: ["diverging", BLUE_WHITE_RED],
  RdBu: ["diverging", schemeRdBu[11] as readonly string[]],
  PuOr: ["diverging", (schemePuOr[11] as readonly string[]).toReversed()],
  BrBG: ["diverging", schemeBrBG[11] as readonly string[]],
  wr: ["sequential", WHITE_RED],
  Reds: ["sequential", schemeReds[9] as readonly string[]],
  Blues: ["sequential", schemeBlues[9] as readonly string[]],
  Greens: ["sequential", schemeGreens[9] as readonly string[]],
  Oranges: ["sequential", schemeOranges[9] as readonly string[]],
  Purples: ["sequential", schemePurples[9] as readonly string[]],
  Greys: ["sequential", schemeGreys[9] as readonly string[]],
  viridis: ["sequential", interpolateViridis],
  magma: ["sequential", interpolateMagma],
  inferno: ["sequential", interpolateInferno],
  plasma: ["sequential", interpolatePlasma],
};

/** The names that `cmap` takes; each also with `_r`. `RdBu`, `PuOr`, `BrBG`, `viridis` suit colour-blind eyes. */
export const colorMapNames: readonly string[] = Object.keys(SOURCES);

const tables = new Map<string, ColorMap>();

/**
 * The colour map of a name.
 *
 * @throws FigureError for an unknown name, with the list of names
 */
export function colorMap(where: string, name: unknown): ColorMap {
  if (typeof name !== "string")
    throw new FigureError(`${where}: expected the name of a colour map, got ${describe(name)}`);
  const known = tables.get(name);
  if (known !== undefined) return known;
  const plain = name.endsWith("_r") ? name.slice(0, -2) : name;
  if (!Object.hasOwn(SOURCES, plain)) {
    throw new FigureError(
      `${where}: unknown colour map '${name}'. ${didYouMean(plain, colorMapNames)}` +
        `Known: ${colorMapNames.join(", ")}, and each with _r for the reverse`,
    );
  }
  const [kind, source] = SOURCES[plain] as Source;
  const reversed = plain !== name;
  const map: ColorMap = {
    name,
    kind,
    table: typeof source === "function" ? sampled(source, reversed) : segmented(source, reversed),
  };
  tables.set(name, map);
  return map;
}

function sampled(interpolate: (t: number) => string, reversed: boolean): string[] {
  const table = Array.from({ length: ENTRIES }, (_, i) => rgb(interpolate((i + 0.5) / ENTRIES)).formatHex());
  return reversed ? table.reverse() : table;
}

/**
 * matplotlib's `LinearSegmentedColormap.from_list` and its `reversed()`: straight lines between the colours, rounded down to bytes.
 * The order of operations is matplotlib's too, so that no byte differs.
 */
function segmented(stops: readonly string[], reversed: boolean): string[] {
  const colors = stops.map((stop) => rgb(stop)).map(({ r, g, b }) => [r / 255, g / 255, b / 255]);
  const places = stops.map((_, k) => (k === stops.length - 1 ? 1 : k * (1 / (stops.length - 1))));
  if (reversed) colors.reverse();
  const at = (reversed ? places.toReversed().map((place) => 1 - place) : places).map((place) => place * (ENTRIES - 1));
  return Array.from({ length: ENTRIES }, (_, i) => {
    const position = (ENTRIES - 1) * (i * (1 / (ENTRIES - 1)));
    let upper = 1;
    while (upper < stops.length - 1 && (at[upper] as number) < position) upper++;
    const [x0, x1] = [at[upper - 1] as number, at[upper] as number];
    const distance = i === 0 ? 0 : i === ENTRIES - 1 ? 1 : (position - x0) / (x1 - x0);
    const [from, to] = [colors[upper - 1] as number[], colors[upper] as number[]];
    const bytes = from.map((low, k) => Math.floor((distance * ((to[k] as number) - low) + low) * 255));
    return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  });
}

/** The colour of a number: entry ⌊256·(v − vmin)/(vmax − vmin)⌋, the ends for what lies outside, `null` for NaN and ±∞. */
export function cellColor(map: ColorMap, value: number, vmin: number, vmax: number): string | null {
  if (!Number.isFinite(value)) return null;
  const index = Math.floor(((value - vmin) / (vmax - vmin)) * ENTRIES);
  return map.table[Math.max(0, Math.min(ENTRIES - 1, index))] as string;
}

/** matplotlib's ten line colours. */
export const CYCLE = [
  "#1f77b4",
  "#ff7f0e",
  "#2ca02c",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#7f7f7f",
  "#bcbd22",
  "#17becf",
] as const;

const SHORT: Readonly<Record<string, string>> = {
  b: "#0000ff",
  g: "#008000",
  r: "#ff0000",
  c: "#00bfbf",
  m: "#bf00bf",
  y: "#bfbf00",
  k: "#000000",
  w: "#ffffff",
};

const TABLEAU = ["blue", "orange", "green", "red", "purple", "brown", "pink", "gray", "olive", "cyan"];

/**
 * A colour as matplotlib or CSS names it: `lime`, `#0f0`, `C0`, `tab:blue`, `k`.
 *
 * @throws FigureError for what neither knows
 */
export function namedColor(where: string, name: unknown): string {
  if (typeof name === "string") {
    if (Object.hasOwn(SHORT, name)) return SHORT[name] as string;
    const cycle = /^C(\d+)$/.exec(name);
    if (cycle !== null) return cycleColor(Number(cycle[1]));
    if (name.startsWith("tab:") && TABLEAU.includes(name.slice(4))) return cycleColor(TABLEAU.indexOf(name.slice(4)));
    const parsed = color(name);
    if (parsed !== null) return parsed.formatHex8().replace(/ff$/, "");
  }
  throw new FigureError(
    `${where}: expected a colour such as 'lime', '#00ff00', 'C0', 'tab:blue' or 'k', got ${describe(name)}`,
  );
}

export function cycleColor(index: number): string {
  return CYCLE[index % CYCLE.length] as string;
}

/** Black or white, whichever can be read better on a colour (WCAG's relative luminance). */
export function readableOn(background: string): string {
  const { r, g, b } = rgb(background);
  const [red, green, blue] = [r, g, b].map((byte) =>
    byte <= 10 ? byte / 3294 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

/** A colour mixed with white: 0 leaves it, 1 is white. */
export function lighten(name: string, amount: number): string {
  const { r, g, b } = rgb(name);
  const mix = (byte: number): number => Math.round(byte + (255 - byte) * amount);
  return rgb(mix(r), mix(g), mix(b)).formatHex();
}
