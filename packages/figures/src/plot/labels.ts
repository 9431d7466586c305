/**
 * Labels along an axis: level if they fit, slanted if not, and only every k-th if even that is too tight.
 *
 * @module
 */
import { heightOf, widthOf } from "./draw.js";
import type { Tick } from "./ticks.js";

export interface LabelFit {
  /** Degrees that labels are turned by; 0 or 45. */
  readonly slant: 0 | 45;
  /** Every k-th label is written. */
  readonly every: number;
  /** Room that the labels need across the axis, in pixels. */
  readonly depth: number;
  /** How far the labels reach beyond the ends of the axis, in pixels. */
  readonly left: number;
  readonly right: number;
}

/**
 * How labels at ticks along a horizontal axis of some width are best written. `place` maps a tick's value to pixels from the left end;
 * slanted labels lean away from their tick to the `lean` side.
 */
export function fitLabels(
  ticks: readonly Tick[],
  size: number,
  width: number,
  place: (value: number) => number,
  lean: "left" | "right",
): LabelFit {
  const labels = ticks
    .filter((tick) => tick.label !== "")
    .map((tick) => ({ at: place(tick.value), width: widthOf(tick.label, size), label: tick.label }));
  const height = heightOf(size);
  if (labels.length === 0) return { slant: 0, every: 1, depth: 0, left: 0, right: 0 };
  const beyond = (half: (w: number) => number, side: "left" | "right"): number =>
    labels.reduce((most, { at, width: w }) => Math.max(most, half(w) - (side === "left" ? at : width - at)), 0);
  const level = {
    slant: 0,
    depth: height,
    left: beyond((w) => w / 2, "left"),
    right: beyond((w) => w / 2, "right"),
  } as const;

  const gaps = labels.slice(1).map((label, i) => {
    const previous = labels[i] as (typeof labels)[number];
    return Math.abs(label.at - previous.at) - (label.width + previous.width) / 2;
  });
  if (gaps.every((gap) => gap >= 4)) return { ...level, every: 1 };

  const spacing = Math.abs((labels.at(-1)?.at ?? 0) - (labels[0]?.at ?? 0)) / (labels.length - 1);
  const widest = labels.reduce((most, label) => Math.max(most, label.width), 0);
  const numbers = labels.every(({ label }) => /^[−\d.]+$/.test(label));
  if (numbers || widest <= height * 1.6) return { ...level, every: Math.ceil((widest + 4) / spacing) };

  const slanted = (w: number): number => (w + height) * Math.SQRT1_2;
  return {
    slant: 45,
    every: Math.max(1, Math.ceil((height * 1.1) / spacing)),
    depth: slanted(widest),
    left: beyond(lean === "left" ? slanted : () => height / 2, "left"),
    right: beyond(lean === "right" ? slanted : () => height / 2, "right"),
  };
}
