/**
 * How far does the memory reach? Accuracy against the length of the sequence.
 *
 * @module
 */
import { checkOptions, describe, FigureError } from "./errors.js";
import { Figure } from "./figure.js";
import { extent, finiteOption, isRecord, toVector, type Vector } from "./input.js";
import { describeSeries, legendOption } from "./lines.js";
import { booleanOption, figsizeOption, limitsOption, textOption, wordsOption } from "./options.js";
import { cycleColor } from "./plot/colors.js";
import { shortNumber } from "./plot/draw.js";
import type { LegendPlace } from "./plot/legend.js";
import { type LinePlotSpec, type LineSeries, linePanel, type Rule } from "./plot/lineplot.js";
import { LINE_WIDTH, TITLE_FONT } from "./plot/style.js";

/** Shares, or the counts they come from; counts also give a band, Wilson's 95 % interval. */
export type LengthScores =
  | { readonly lengths: Vector; readonly accuracy: Vector }
  | { readonly lengths: Vector; readonly correct: Vector; readonly total: Vector };

export interface AccuracyByLengthOptions {
  /** The accuracy of a guess, a dashed line: 0.5 unless said otherwise, `false` for none. */
  chance?: number | false;
  /** What the figure says, in another language. */
  words?: Readonly<Partial<typeof WORDS>>;
  title?: string;
  xlabel?: string;
  ylabel?: string;
  ylim?: readonly [number, number];
  legend?: boolean | LegendPlace;
  grid?: boolean;
  figsize?: readonly [number, number];
  description?: string;
}

const WORDS = { chance: "chance" };
const KNOWN = ["chance", "words", "title", "xlabel", "ylabel", "ylim", "legend", "grid", "figsize", "description"];

/**
 * Draws accuracy over sequence length, one line for each model.
 *
 * ```ts
 * accuracyByLength({ RNN: { lengths, correct, total }, LSTM: { lengths, accuracy } });
 * ```
 *
 * @throws FigureError for lists of different lengths, shares outside 0 … 1, more correct than there were, unknown options
 */
export function accuracyByLength(
  data: LengthScores | Readonly<Record<string, LengthScores>>,
  options: AccuracyByLengthOptions = {},
): Figure {
  const where = "accuracyByLength";
  checkOptions(where, options, KNOWN);
  if (!isRecord(data))
    throw new FigureError(`${where}: expected { lengths, accuracy } or such by name, got ${describe(data)}`);
  const named = "lengths" in data ? [["", data]] : Object.entries(data);
  if (named.length === 0) throw new FigureError(`${where}: expected at least one model, got an empty object`);
  const series = named.map(([name, scores], i) =>
    readScores(name === "" ? where : `${where}: ${name}`, name as string, scores, i),
  );
  const words = wordsOption(`${where}: words`, options.words, WORDS);
  const chance = options.chance ?? 0.5;
  const rules: Rule[] =
    chance === false
      ? []
      : [
          {
            at: finiteOption(`${where}: chance`, chance),
            direction: "horizontal",
            style: { color: "#7f7f7f", dash: "--", marker: undefined, width: LINE_WIDTH },
            label: `${words.chance} ${shortNumber(chance)}`,
          },
        ];
  const heights = series.flatMap((one) => [...one.y, ...(one.band?.low ?? []), ...rules.map((rule) => rule.at)]);
  const [lowest] = extent(heights) ?? [0, 1];
  const spec: LinePlotSpec = {
    where,
    series,
    rules,
    x: { label: textOption(`${where}: xlabel`, options.xlabel ?? "sequence length"), type: "linear", integer: true },
    y: {
      label: textOption(`${where}: ylabel`, options.ylabel ?? "accuracy"),
      type: "linear",
      limits: limitsOption(`${where}: ylim`, options.ylim) ?? [Math.max(-0.02, lowest - 0.05), 1.02],
    },
    title: textOption(`${where}: title`, options.title),
    titleSize: TITLE_FONT,
    grid: booleanOption(`${where}: grid`, options.grid, true),
    legend: legendOption(where, options.legend, series.some((one) => one.label !== "") || rules.length > 0),
    description: options.description ?? describeSeries("Accuracy by sequence length", series),
  };
  return new Figure(
    [[linePanel(spec)]],
    { figsize: [6.4, 4.8], ...figsizeOption(where, options.figsize) },
    { lines: spec },
  );
}

function readScores(where: string, label: string, scores: unknown, index: number): LineSeries {
  if (!isRecord(scores))
    throw new FigureError(
      `${where}: expected { lengths, accuracy } or { lengths, correct, total }, got ${describe(scores)}`,
    );
  const counted = "correct" in scores || "total" in scores;
  checkOptions(where, scores, counted ? ["lengths", "correct", "total"] : ["lengths", "accuracy"]);
  const x = toVector(`${where}: lengths`, scores.lengths);
  const list = (name: string): number[] => {
    const values = toVector(`${where}: ${name}`, scores[name]);
    if (values.length !== x.length)
      throw new FigureError(
        `${where}: expected ${x.length} numbers in ${name}, one for each length, got ${values.length}`,
      );
    return values;
  };
  const style = { color: cycleColor(index), dash: "-" as const, marker: "o", width: LINE_WIDTH };
  if (!counted) {
    const y = list("accuracy");
    for (const [i, share] of y.entries()) {
      if (share < 0 || share > 1)
        throw new FigureError(
          `${where}: accuracy[${i}]: expected a share from 0 to 1, got ${share}. Divide percentages by 100`,
        );
    }
    return { label, x, y, style };
  }
  const [correct, total] = [list("correct"), list("total")];
  const intervals = correct.map((k, i) => {
    const n = total[i] as number;
    if (!(k >= 0 && k <= n)) throw new FigureError(`${where}: correct[${i}]: expected 0 … ${n} (the total), got ${k}`);
    return wilsonInterval(k, n);
  });
  const y = correct.map((k, i) => k / (total[i] as number));
  return { label, x, y, style, band: { low: intervals.map(([low]) => low), high: intervals.map(([, high]) => high) } };
}

/**
 * Wilson's score interval for k successes in n trials at 95 %: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.96.
 * Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927).
 */
export function wilsonInterval(k: number, n: number): [number, number] {
  const z = 1.959963984540054;
  const p = k / n;
  const centre = p + (z * z) / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [(centre - spread) / scale, (centre + spread) / scale];
}
