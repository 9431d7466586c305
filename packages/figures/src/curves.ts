/**
 * Learning curves: loss and accuracy over the training, with what a guess would reach.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { finiteOption, isRecord, positiveOption, toVector, type Vector } from "./input.js";
import { describeSeries, legendOption } from "./lines.js";
import { booleanOption, figsizeOption, textOption, wordsOption } from "./options.js";
import { cycleColor, lighten } from "./plot/colors.js";
import { shortNumber } from "./plot/draw.js";
import type { LegendPlace } from "./plot/legend.js";
import { type AxisRequest, type LinePlotSpec, type LineSeries, linePanel, type Rule } from "./plot/lineplot.js";
import type { Dash } from "./plot/marks.js";
import { LINE_WIDTH, points, TITLE_FONT } from "./plot/style.js";

/** A curve: its values at 0, 1, 2, … (times `every`), or at given positions. */
export type Curve = Vector | { readonly x: Vector; readonly y: Vector };

/** One curve, or several by name (`{ training, validation }`). */
export type CurveGroup = Curve | Readonly<Record<string, Curve>>;

export interface CurvesData {
  loss?: CurveGroup;
  accuracy?: CurveGroup;
}

export interface CurvesOptions {
  /** Iterations from one value to the next; 1 unless said otherwise. */
  every?: number;
  xlabel?: string;
  title?: string;
  /** The accuracy of a guess: a dashed line. */
  chance?: number;
  /** The loss of a uniform guess, ln V for V classes: a dashed line. */
  guessLoss?: number;
  /**
   * From 0 (none, as unless said otherwise) to below 1: exponential moving average sₜ = w·sₜ₋₁ + (1−w)·yₜ, divided by 1−wᵗ so that it starts
   * unbiased (TensorBoard's smoothing). The raw curve stays behind, pale.
   */
  smoothing?: number;
  /** A logarithmic axis for the loss. */
  log?: boolean;
  /** Loss and accuracy on one axis, as the simplest plots have it; else accuracy has its own on the right, from 0 to 1. */
  sharedAxis?: boolean;
  /** What the figure says, in another language. */
  words?: Readonly<Partial<typeof WORDS>>;
  legend?: boolean | LegendPlace;
  grid?: boolean;
  figsize?: readonly [number, number];
  description?: string;
}

const KNOWN = [
  "every",
  "xlabel",
  "title",
  "chance",
  "guessLoss",
  "smoothing",
  "log",
  "sharedAxis",
  "words",
  "legend",
  "grid",
  "figsize",
  "description",
];

const WORDS = { loss: "loss", accuracy: "accuracy", chance: "chance", guess: "guess" };
const DASHES: readonly Dash[] = ["-", "--"];
/** The orange of the second line, dark enough for text. */
const DARK_ORANGE = "#b35806";

/**
 * Draws loss and accuracy over the training.
 *
 * ```ts
 * curves({ loss: { training, validation }, accuracy }, { chance: 0.5, smoothing: 0.9, xlabel: "Epoch" });
 * ```
 *
 * @throws FigureError for empty curves, unknown options, a smoothing outside [0, 1), a logarithmic axis without positive losses
 */
export function curves(data: CurvesData, options: CurvesOptions = {}): Figure {
  const where = "curves";
  checkOptions(where, options, KNOWN);
  checkOptions(`${where}: data`, data, ["loss", "accuracy"]);
  const every = options.every === undefined ? 1 : positiveOption(`${where}: every`, options.every);
  const loss = readCurves(`${where}: loss`, data.loss, every);
  const accuracy = readCurves(`${where}: accuracy`, data.accuracy, every);
  if (loss.length + accuracy.length === 0)
    throw new FigureError(`${where}: expected loss, accuracy or both, got ${describe(data)}`);
  const weight = smoothingOption(where, options.smoothing);
  const shared = booleanOption(`${where}: sharedAxis`, options.sharedAxis, false);
  const twoAxes = loss.length > 0 && accuracy.length > 0 && !shared;
  const log = booleanOption(`${where}: log`, options.log, false);
  if (log && loss.length === 0) throw new FigureError(`${where}: log is for the loss, and there is none. Leave it out`);
  const words = wordsOption(`${where}: words`, options.words, WORDS);

  // Two hues while each group has one or two curves; beyond that a colour for each, and dashes for accuracy.
  const few = loss.length <= 2 && accuracy.length <= 2;
  const style = (i: number, group: 0 | 1): LineSeries["style"] => ({
    color: few ? cycleColor(group) : cycleColor(i),
    dash: few ? (DASHES[i] as Dash) : group === 0 || loss.length === 0 ? "-" : "--",
    marker: undefined,
    width: LINE_WIDTH,
  });
  const series = [
    ...loss.map((one, i) => ({ ...one, label: nameOf(words.loss, one.name), style: style(i, 0) })),
    ...accuracy.map((one, i) => ({
      ...one,
      label: nameOf(words.accuracy, one.name),
      style: style(i, 1),
      right: twoAxes,
    })),
  ].flatMap((one) => smoothed(one, weight));
  const guessColor = (group: 0 | 1): string => (few ? cycleColor(group) : "#7f7f7f");
  const rules = [
    ...guess(`${where}: guessLoss`, options.guessLoss, loss, words.guess, guessColor(0), false),
    ...guess(`${where}: chance`, options.chance, accuracy, words.chance, guessColor(1), twoAxes),
  ];

  const shares: AxisRequest = { label: words.accuracy, type: "linear", limits: [0, 1.02] };
  const losses: AxisRequest = {
    label: accuracy.length > 0 && !twoAxes ? `${words.loss}, ${words.accuracy}` : words.loss,
    type: log ? "log" : "linear",
    ...(twoAxes && few && { color: cycleColor(0) }),
  };
  const spec: LinePlotSpec = {
    where,
    series,
    rules,
    x: {
      label: textOption(`${where}: xlabel`, options.xlabel ?? "epoch"),
      type: "linear",
      integer: series.every((one) => one.x.every(Number.isInteger)),
    },
    y: loss.length === 0 ? shares : losses,
    y2: twoAxes ? { ...shares, ...(few && { color: DARK_ORANGE }) } : undefined,
    title: textOption(`${where}: title`, options.title),
    titleSize: TITLE_FONT,
    grid: booleanOption(`${where}: grid`, options.grid, true),
    legend: legendOption(where, options.legend, true),
    description: options.description ?? describeSeries("Learning curves", series),
  };
  return new Figure(
    [[linePanel(spec)]],
    { figsize: [8, 4.5], ...figsizeOption(where, options.figsize) },
    { lines: spec },
  );
}

/** One curve as it was read; the name is empty for a single one. */
export interface NamedCurve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Reads a curve or curves by name. */
export function readCurves(where: string, group: CurveGroup | undefined, every: number): NamedCurve[] {
  if (group === undefined) return [];
  if (isRecord(group) && !("y" in group)) {
    const named = Object.entries(group as Record<string, Curve>);
    if (named.length === 0) throw new FigureError(`${where}: expected at least one curve, got an empty object`);
    return named.map(([name, curve]) => readCurve(`${where}.${name}`, name, curve, every));
  }
  return [readCurve(where, "", group as Curve, every)];
}

function readCurve(where: string, name: string, curve: Curve, every: number): NamedCurve {
  if (!isRecord(curve)) {
    const y = toVector(where, curve);
    return { name, x: y.map((_, i) => i * every), y };
  }
  checkOptions(where, curve, ["x", "y"]);
  const { x, y } = curve as { x: Vector; y: Vector };
  const [xs, ys] = [toVector(`${where}.x`, x), toVector(`${where}.y`, y)];
  if (xs.length !== ys.length)
    throw new FigureError(
      `${where}: expected as many positions as values, got ${xs.length} in x and ${ys.length} in y`,
    );
  return { name, x: xs, y: ys };
}

const nameOf = (kind: string, name: string): string => (name === "" ? kind : `${kind} (${name})`);

function smoothingOption(where: string, value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== "number" || !(value >= 0 && value < 1)) {
    throw new FigureError(`${where}: smoothing: expected a number from 0 to below 1, got ${describe(value)}`);
  }
  return value;
}

/** The curve, or the pale raw curve and the smooth one over it. */
function smoothed(series: LineSeries, weight: number): LineSeries[] {
  if (weight === 0) return [series];
  const pale = {
    ...series,
    quiet: true,
    style: { ...series.style, color: lighten(series.style.color, 0.65), width: points(1) },
  };
  return [pale, { ...series, y: movingAverage(series.y, weight) }];
}

/** sₜ / (1 − wᵗ) with sₜ = w·sₜ₋₁ + (1−w)·yₜ; what is not finite is passed on and skipped. */
export function movingAverage(values: readonly number[], weight: number): number[] {
  let [sum, seen] = [0, 1];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    seen *= weight;
    return sum / (1 - seen);
  });
}

function guess(
  where: string,
  value: unknown,
  curves: readonly NamedCurve[],
  word: string,
  color: string,
  right: boolean,
): Rule[] {
  if (value === undefined) return [];
  const at = finiteOption(where, value);
  if (curves.length === 0)
    throw new FigureError(`${where}: there is no curve to compare with. Give the curve, or leave this out`);
  const style = { color, dash: ":" as const, marker: undefined, width: LINE_WIDTH };
  return [{ at, direction: "horizontal", style, label: `${word} ${shortNumber(at)}`, right }];
}
