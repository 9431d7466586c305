/**
 * Where ticks stand and what is written at them.
 *
 * @module
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { describe, FigureError } from "../errors.js";
import { finiteOption, toLabels } from "../input.js";

export interface Tick {
  readonly value: number;
  /** Mathtext; empty for a minor tick. */
  readonly label: string;
}

/**
 * Ticks given by hand: positions, labels for 0, 1, 2, …, both, or a table from position to label.
 * An empty array means no ticks.
 */
export type TicksOption =
  | readonly number[]
  | readonly string[]
  | { readonly positions: readonly number[]; readonly labels: readonly (string | number)[] };

/** About `count` round numbers between two ends. */
export function linearTicks(from: number, to: number, count: number, integer = false): Tick[] {
  const scale = scaleLinear().domain([from, to]);
  let values = scale.ticks(count);
  for (let more = count + 1; values.length < 2 && more <= 10; more++) values = scale.ticks(more);
  if (integer) {
    values = values.filter(Number.isInteger);
    if (values.length === 0) values = [Math.round((from + to) / 2)];
  }
  const largest = Math.max(...values.map(Math.abs));
  const step = values.length > 1 ? Math.abs((values[1] as number) - (values[0] as number)) : largest;
  const type = largest >= 1e6 ? "~s" : step > 0 && step < 1e-4 ? "~e" : "f";
  const write = integer && largest < 1e6 ? scale.tickFormat(count, ".0f") : scale.tickFormat(count, type);
  return values.map((value) => ({
    value,
    label: value === 0 && type !== "f" ? "0" : write(value).replaceAll("-", "−"),
  }));
}

/** Powers of ten as `$10^{k}$` with minor ticks between; over less than a decade 1, 2 and 5 are labelled. */
export function logTicks(from: number, to: number, count: number): Tick[] {
  const [lowest, highest] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
  const powers = highest - lowest + 1;
  const between = scaleLog().domain([from, to]).ticks(10);
  if (powers < 2) {
    const few = between.length <= count ? between : between.filter((value) => /^[125]/.test(value.toExponential()));
    return between.map((value) => ({ value, label: few.includes(value) ? String(Number(value.toPrecision(6))) : "" }));
  }
  const every = Math.ceil(powers / count);
  const ticks = Array.from({ length: powers }, (_, i): Tick => {
    const exponent = lowest + i;
    return { value: 10 ** exponent, label: exponent % every === 0 ? `$10^{${exponent}}$` : "" };
  });
  const isPower = (value: number): boolean => ticks.some((tick) => Math.abs(tick.value / value - 1) < 1e-9);
  const minor = powers > 8 ? [] : between.filter((value) => !isPower(value)).map((value) => ({ value, label: "" }));
  return [...ticks, ...minor].sort((a, b) => a.value - b.value);
}

/** matplotlib's ticks for the cells of a matrix: whole numbers in steps of 1, 2 or 5 times a power of ten, at most nine steps. */
export function cellTicks(cells: number): Tick[] {
  let step = 1;
  for (let i = 0; cells / step > 9; i++) step = ([1, 2, 5][i % 3] as number) * 10 ** Math.floor(i / 3);
  const ticks: Tick[] = [];
  for (let value = 0; value < cells; value += step) ticks.push({ value, label: String(value) });
  return ticks;
}

/**
 * Ticks from an option, checked.
 *
 * @throws FigureError unless positions are finite and labels as many as positions
 */
export function givenTicks(where: string, option: unknown): Tick[] {
  if (Array.isArray(option)) {
    if (option.every((entry) => typeof entry === "number")) {
      return option.map((entry, i) => ({ value: finiteOption(`${where}[${i}]`, entry), label: plainNumber(entry) }));
    }
    return toLabels(where, option, option.length, "position").map((label, value) => ({ value, label: visible(label) }));
  }
  if (
    option !== null &&
    typeof option === "object" &&
    "positions" in option &&
    "labels" in option &&
    Array.isArray(option.positions)
  ) {
    const positions = option.positions.map((entry, i) => finiteOption(`${where}.positions[${i}]`, entry));
    const labels = toLabels(`${where}.labels`, option.labels, positions.length, "position");
    return positions.map((value, i) => ({ value, label: visible(labels[i] as string) }));
  }
  throw new FigureError(
    `${where}: expected positions ([0, 5, 10]), labels (["a", "b"]) or { positions, labels }, got ${describe(option)}`,
  );
}

const plainNumber = (value: number): string => String(value).replace("-", "−");

/** Symbols that nobody could see, made visible: a space is ␣, a line break ↵, a tab ⇥. */
export function visible(symbol: string): string {
  if (symbol.trim() !== "" || symbol === "") return symbol;
  return symbol.replaceAll(" ", "␣").replaceAll(/\r?\n/g, "↵").replaceAll("\t", "⇥");
}
