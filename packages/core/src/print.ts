/**
 * Tensors as text, character for character as PyTorch prints them (torch/_tensor_str.py): four digits, one width for all
 * elements, scientific notation where the sizes differ too much, brackets, `...` in the middle of large tensors.
 *
 * @module
 */
import { type DType, isFloat } from "./dtype.js";
import { checkChoice, checkLimit, checkOptions, describe, OptionError } from "./errors.js";
import { powerOfTwo } from "./math/float64-bits.js";
import { type Shape, sizeOf } from "./shape.js";

/** What {@link setPrintOptions} sets, `torch.set_printoptions`. */
export interface PrintOptions {
  /** Digits after the point. Default 4. */
  readonly precision: number;
  /** Tensors of more elements than this are summarised. Default 1000; Infinity for never. */
  readonly threshold: number;
  /** Elements shown at either end of an axis in a summary. Default 3. */
  readonly edgeItems: number;
  /** Characters in a line. Default 80. */
  readonly lineWidth: number;
  /** Scientific notation always (true), never (false) or where the numbers call for it ("auto"). Default "auto". */
  readonly sciMode: boolean | "auto";
}

const defaults: PrintOptions = { precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80, sciMode: "auto" };
let current = defaults;

/** The options in force. */
export function getPrintOptions(): PrintOptions {
  return current;
}

/**
 * Sets how tensors are printed from here on; options not given stay as they are. With no argument at all everything goes back
 * to the defaults.
 *
 * @throws OptionError when an option is unknown or out of range
 */
export function setPrintOptions(options: Partial<PrintOptions> = defaults): void {
  checkOptions("setPrintOptions", options, Object.keys(defaults));
  const next = { ...current, ...options };
  checkWhole("precision", next.precision, 0, 100);
  checkWhole("edgeItems", next.edgeItems, 0, Infinity);
  checkWhole("lineWidth", next.lineWidth, 1, Infinity);
  checkLimit("setPrintOptions", "threshold", next.threshold);
  if (typeof next.sciMode !== "boolean")
    checkChoice("setPrintOptions", "sciMode to be true, false or", next.sciMode, ["auto"]);
  current = next;
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (!((Number.isInteger(value) || value === Infinity) && value >= min && value <= max)) {
    const range = max === Infinity ? `>= ${min}` : `from ${min} to ${max}`;
    throw new OptionError(`setPrintOptions: expected ${name} to be a whole number ${range}, got ${describe(value)}`);
  }
}

/** A tensor as {@link formatTensor} takes it: elements in row-major order. */
export interface Printable {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
  readonly requiresGrad?: boolean;
}

/**
 * What PyTorch prints for this tensor, for example `tensor([[-0.0147],\n        [ 0.9653]])`. The dtype is named unless it is
 * float32, int64 or bool. PyTorch's `grad_fn=<…>` of computed tensors is left out.
 */
export function formatTensor({ dtype, shape, values, requiresGrad = false }: Printable): string {
  const prefix = "tensor(";
  const suffixes: string[] = [];
  const size = sizeOf(shape);
  let text = `${prefix}[]`;
  if (size === 0 ? shape.length !== 1 : current.edgeItems === 0) suffixes.push(`size=${tuple(shape)}`);
  if (dtype !== "float32" && (size === 0 || (dtype !== "int64" && dtype !== "bool")))
    suffixes.push(`dtype=torch.${dtype}`);
  if (size > 0) {
    const body = { shape, values, summarize: size > current.threshold };
    const shown: number[] = [];
    // Laid out once to see which elements are shown: they alone decide width and notation.
    nested({ ...body, format: { width: 1, element: (x) => `${shown.push(x)}` } }, 0, 0, 0);
    const counted = isFloat(dtype) ? shown.filter((x) => Number.isFinite(x) && x !== 0) : shown;
    const format = formatOf(counted, isFloat(dtype) ? floatText(counted) : dtype === "bool" ? boolText : wholeText);
    text = prefix + nested({ ...body, format }, 0, 0, prefix.length);
  }
  if (requiresGrad) suffixes.push("requires_grad=True");

  let lineLength = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > current.lineWidth) {
      text += `,\n${" ".repeat(prefix.length)}${suffix}`;
      lineLength = prefix.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${text})`;
}

/** A shape as Python prints a tuple. */
export function tuple(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

interface Format {
  /** Characters that each element takes, at least. */
  readonly width: number;
  readonly element: (value: number) => string;
}

interface Body {
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
  readonly summarize: boolean;
  readonly format: Format;
}

/** The indices along an axis that a summary shows, with null where `...` stands. */
function shownIndices(length: number, summarize: boolean): (number | null)[] {
  const edge = current.edgeItems;
  if (!summarize || length <= 2 * edge) return Array.from({ length }, (_, i) => i);
  const start = Array.from({ length: edge }, (_, i) => i);
  return [...start, null, ...start.map((i) => length - edge + i)];
}

/** The brackets from `axis` on, for the block of elements that begins at `start`, `indent` characters from the left. */
function nested(body: Body, axis: number, start: number, indent: number): string {
  const { shape, values, format, summarize } = body;
  if (axis === shape.length) return format.element(values[start] as number);
  const indices = shownIndices(shape[axis] as number, summarize);
  const below = shape.length - 1 - axis;
  const margin = " ".repeat(indent + 1);
  if (below > 0) {
    const step = sizeOf(shape.slice(axis + 1));
    const blocks = indices.map((i) => (i === null ? "..." : nested(body, axis + 1, start + i * step, indent + 1)));
    return `[${blocks.join(`,${"\n".repeat(below)}${margin}`)}]`;
  }
  const gap = current.edgeItems === 0 ? "..." : " ...";
  const elements = indices.map((i) => (i === null ? gap : format.element(values[start + i] as number)));
  const inLine = Math.max(1, Math.floor((current.lineWidth - indent) / (format.width + 2)));
  const lines: string[] = [];
  for (let i = 0; i < elements.length; i += inLine) lines.push(elements.slice(i, i + inLine).join(", "));
  return `[${lines.join(`,\n${margin}`)}]`;
}

/** One width for all elements: that of the widest of those that count. */
function formatOf(counted: readonly number[], text: (x: number) => string): Format {
  const width = counted.reduce((most, x) => Math.max(most, text(x).length), 1);
  return { width, element: (x) => (Number.isFinite(x) ? text(x) : special(x)).padStart(width) };
}

const boolText = (x: number): string => (x !== 0 ? "True" : "False");
const wholeText = (x: number): string => String(x + 0);

/**
 * Whole floats are printed as `1.`, others with `precision` digits; in scientific notation when the largest is more than
 * 1000 times the smallest or above 10^8, or the smallest below 10^−4. Zeros, infinities and NaN do not count.
 */
function floatText(counted: readonly number[]): (x: number) => string {
  const { precision, sciMode } = current;
  let min = Infinity;
  let max = 0;
  for (const x of counted) {
    min = Math.min(min, Math.abs(x));
    max = Math.max(max, Math.abs(x));
  }
  if (counted.length > 0 && (sciMode === "auto" ? max / min > 1000 || max > 1e8 || min < 1e-4 : sciMode))
    return (x) => exponential(x, precision);
  return counted.every(Number.isInteger) ? (x) => `${fixed(x, 0)}.` : (x) => fixed(x, precision);
}

/** As Python's `f"{x:.{digits}f}"`: exact, halves to the even digit. */
function fixed(x: number, digits: number): string {
  const size = Math.abs(x);
  if (size >= 1e21) return sign(x) + BigInt(size) + (digits > 0 ? `.${"0".repeat(digits)}` : "");
  // A number halfway between two of `digits` decimals is an odd multiple of 2^−(digits + 1).
  const half = (size * powerOfTwo(digits + 1)) % 2 === 1;
  return sign(x) + evenLastDigit(size.toFixed(digits), half);
}

/** As Python's `f"{x:.{digits}e}"`: exact, halves to the even digit, at least two digits of exponent. */
function exponential(x: number, digits: number): string {
  const size = Math.abs(x);
  const [mantissa, exponent] = size.toExponential(digits).split("e") as [string, string];
  // 9.5 rounded to "1e+1" needs no correction: 10 is even in its last digit.
  const half = mantissa !== "1" && /^50*e/.test(size.toExponential(100).slice(digits === 0 ? 2 : digits + 2));
  return `${sign(x)}${evenLastDigit(mantissa, half)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** JavaScript rounds halves up in size. */
function evenLastDigit(text: string, half: boolean): string {
  const last = Number(text.at(-1));
  return half && last % 2 === 1 ? text.slice(0, -1) + (last - 1) : text;
}

const special = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");
const sign = (x: number): string => (x < 0 || Object.is(x, -0) ? "-" : "");
