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
  /** Room that the first and the last label need beyond their ticks, in pixels. */
  readonly before: number;
  readonly after: number;
}

/** How labels at ticks along a horizontal axis are best written; `place` maps a tick's value to pixels. */
export function fitLabels(ticks: readonly Tick[], size: number, place: (value: number) => number): LabelFit {
  const labels = ticks.filter((tick) => tick.label !== "");
  const height = heightOf(size);
  if (labels.length === 0) return { slant: 0, every: 1, depth: 0, before: 0, after: 0 };
  const widths = labels.map((tick) => widthOf(tick.label, size));
  const widest = Math.max(...widths);
  const at = labels.map((tick) => place(tick.value));
  const level = labels.every(
    (_, i) =>
      i === 0 ||
      Math.abs((at[i] as number) - (at[i - 1] as number)) >=
        ((widths[i] as number) + (widths[i - 1] as number)) / 2 + 4,
  );
  if (level)
    return {
      slant: 0,
      every: 1,
      depth: height,
      before: (widths[0] as number) / 2,
      after: (widths.at(-1) as number) / 2,
    };
  const spacing = Math.abs((at.at(-1) as number) - (at[0] as number)) / (labels.length - 1);
  const digits = labels.every((tick) => /^[−\d.]+$/.test(tick.label));
  if (widest <= height * 1.6 || digits) {
    return { slant: 0, every: Math.ceil((widest + 4) / spacing), depth: height, before: widest / 2, after: widest / 2 };
  }
  const depth = (widest + height) * Math.SQRT1_2;
  return {
    slant: 45,
    every: Math.max(1, Math.ceil((height * 1.1) / spacing)),
    depth,
    before: height / 2,
    after: depth,
  };
}
