/** Arithmetic on tensors, element by element and by matrix product; comparisons; changes in place. */
import { fullArray, toFlat } from "../array.js";
import { castValue, type DType, isFloat, promote, rangeOf } from "../dtype.js";
import { checkOptions, DTypeError, describe, OptionError, ShapeError, shapeText } from "../errors.js";
import * as elementwise from "../ops/elementwise.js";
import { matmul } from "../ops/matmul.js";
import type { Op } from "../ops/op.js";
import { type Shape, sameShape } from "../shape.js";
import { isRecording } from "../tape.js";
import type { Tensor } from "../tensor.js";
import { apply, checkTensor, recall, TensorCore } from "./core.js";
import type { Index } from "./numbers.js";
import { TensorViews } from "./views.js";

/** A tensor that can be calculated with. */
export abstract class TensorArithmetic extends TensorViews {
  // ---- arithmetic -------------------------------------------------------------------------------------------------------

  add(other: Tensor | number): Tensor {
    return arithmetic("add", elementwise.add, this, other);
  }

  sub(other: Tensor | number): Tensor {
    return arithmetic("sub", elementwise.sub, this, other);
  }

  mul(other: Tensor | number): Tensor {
    return arithmetic("mul", elementwise.multiply, this, other);
  }

  /** True division; integers become float32. */
  div(other: Tensor | number): Tensor {
    const left =
      isFloat(this.dtype) || (other instanceof TensorCore && isFloat(other.dtype)) ? this.self : this.to("float32");
    return arithmetic("div", elementwise.divide, left, other);
  }

  /** The larger of the two, element by element. */
  maximum(other: Tensor | number): Tensor {
    return arithmetic("maximum", elementwise.maximum, this, other);
  }

  /** The smaller of the two, element by element. */
  minimum(other: Tensor | number): Tensor {
    return arithmetic("minimum", elementwise.minimum, this, other);
  }

  /** xⁿ; 2, 0.5 and −1 by square, √ and 1/x. Integers stay integers when n is a whole number ≥ 0, and become float32 otherwise. */
  pow(exponent: Tensor | number): Tensor {
    if (exponent === 2 && isFloat(this.dtype)) return apply(elementwise.square, [this], undefined);
    if (typeof exponent === "number" && !isFloat(this.dtype) && Number.isInteger(exponent) && exponent >= 0)
      return this.wholePower(exponent);
    if (exponent === 0.5) return this.sqrt();
    if (exponent === -1) return apply(elementwise.reciprocal, [this.floating()], undefined);
    return arithmetic("pow", elementwise.power, this.floating(), exponent);
  }

  /** By squaring, in integers that wrap around. */
  private wholePower(exponent: number): Tensor {
    let [power, square] = [this.mul(0).add(1), this.mul(1)];
    for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) power = power.mul(square);
      if (rest > 1) square = square.mul(square);
    }
    return power;
  }

  neg(): Tensor {
    if (this.dtype === "bool") throw new DTypeError("neg: expected numbers, got bool. Use eq(0) to turn a mask round");
    return apply(elementwise.negative, [this], undefined);
  }

  abs(): Tensor {
    return apply(elementwise.absolute, [this], undefined);
  }

  /** This tensor, or its float32 copy when it holds integers. */
  protected floating(): Tensor {
    return isFloat(this.dtype) ? this.self : this.to("float32");
  }

  exp(): Tensor {
    return recall(elementwise.exponential, 0, this) ?? apply(elementwise.exponential, [this.floating()], undefined);
  }

  log(): Tensor {
    return recall(elementwise.logarithm, 0, this) ?? apply(elementwise.logarithm, [this.floating()], undefined);
  }

  sqrt(): Tensor {
    return recall(elementwise.squareRoot, 0, this) ?? apply(elementwise.squareRoot, [this.floating()], undefined);
  }

  sin(): Tensor {
    return apply(elementwise.sine, [this.floating()], undefined);
  }

  cos(): Tensor {
    return apply(elementwise.cosine, [this.floating()], undefined);
  }

  tanh(): Tensor {
    return (
      recall(elementwise.hyperbolicTangent, 0, this) ??
      apply(elementwise.hyperbolicTangent, [this.floating()], undefined)
    );
  }

  sigmoid(): Tensor {
    return recall(elementwise.sigmoid, 0, this) ?? apply(elementwise.sigmoid, [this.floating()], undefined);
  }

  relu(): Tensor {
    return recall(elementwise.rectifier, 0, this) ?? apply(elementwise.rectifier, [this.floating()], undefined);
  }

  /** Held within [min, max]; either bound may be left out. Integers become float32 when a bound is no whole number. */
  clamp(bounds: { readonly min?: number; readonly max?: number }): Tensor {
    checkOptions("clamp", bounds ?? null, ["min", "max"]);
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
    if (typeof min !== "number" || typeof max !== "number" || !(min <= max))
      throw new OptionError(`clamp: expected numbers min ≤ max, got min ${describe(min)} and max ${describe(max)}`);
    const fractional = min % 1 || max % 1;
    return apply(elementwise.clamp, [fractional ? this.floating() : this], { min, max });
  }

  /** This tensor where `condition` is true (not zero), `other` elsewhere. */
  where(condition: Tensor, other: Tensor | number): Tensor {
    checkTensor("where", condition);
    const right = operand("where", other, this);
    const dtype = resultDType(this, right);
    return apply(elementwise.where, [this.to(dtype), right.to(dtype)], { condition: condition.array });
  }

  matmul(other: Tensor): Tensor {
    checkTensor("matmul", other);
    return matrixProduct(this, other);
  }

  // ---- comparisons ------------------------------------------------------------------------------------------------------

  eq(other: Tensor | number): Tensor {
    return compare("eq", this, other, (a, b) => a === b);
  }

  ne(other: Tensor | number): Tensor {
    return compare("ne", this, other, (a, b) => a !== b);
  }

  lt(other: Tensor | number): Tensor {
    return compare("lt", this, other, (a, b) => a < b);
  }

  le(other: Tensor | number): Tensor {
    return compare("le", this, other, (a, b) => a <= b);
  }

  gt(other: Tensor | number): Tensor {
    return compare("gt", this, other, (a, b) => a > b);
  }

  ge(other: Tensor | number): Tensor {
    return compare("ge", this, other, (a, b) => a >= b);
  }

  /** Whether shapes and all elements are equal. */
  equal(other: Tensor): boolean {
    checkTensor("equal", other);
    if (!sameShape(this.shape, other.shape)) return false;
    const [a, b] = [toFlat(this.array), toFlat(other.array)];
    return a.every((value, i) => value === b[i]);
  }

  // ---- changes in place -------------------------------------------------------------------------------------------------

  fill_(value: number): this {
    return this.assign(
      "fill_",
      this.create(fullArray(this.dtype, this.shape, checkedValue("fill_", value, this.dtype))),
    );
  }

  zero_(): this {
    return this.fill_(0);
  }

  /** Overwrites this tensor with `source`, broadcast and converted to this dtype. */
  copy_(source: Tensor): this {
    checkTensor("copy_", source);
    return this.overwrite("copy_", source);
  }

  private overwrite(where: string, source: Tensor): this {
    const converted = source.to(this.dtype);
    if (sameShape(converted.shape, this.shape)) return this.assign(where, converted);
    if (!stretchesTo(converted.shape, this.shape)) {
      throw new ShapeError(
        `${where}: expected a value that broadcasts to shape ${shapeText(this.shape)}, got shape ${shapeText(source.shape)}`,
      );
    }
    return this.assign(where, converted.expand(this.shape));
  }

  add_(other: Tensor | number): this {
    return this.inPlace("add_", this.add(other));
  }

  sub_(other: Tensor | number): this {
    return this.inPlace("sub_", this.sub(other));
  }

  mul_(other: Tensor | number): this {
    const x = this.readAgain(other);
    return this.inPlace("mul_", x.mul(other === this.self ? x : other));
  }

  div_(other: Tensor | number): this {
    const x = this.readAgain(other);
    return this.inPlace("div_", x.div(other === this.self ? x : other));
  }

  /** This tensor for an op that reads it again in its backward pass: a copy of what stands here before the change, if there will be one. */
  private readAgain(other: Tensor | number): Tensor {
    const recorded = isRecording() && (this.requiresGrad || (other instanceof TensorCore && other.requiresGrad));
    return recorded ? this.clone() : this.self;
  }

  private inPlace(where: string, result: Tensor): this {
    if (result.dtype !== this.dtype && isFloat(result.dtype) && !isFloat(this.dtype)) {
      throw new DTypeError(
        `${where}: expected a result that fits dtype ${this.dtype}, got ${result.dtype}. Convert with .to("${result.dtype}") first`,
      );
    }
    return this.overwrite(where, result);
  }

  /**
   * `h.setItem(t, v)` is PyTorch's `h[t] = v`; `h.setItem([null, 2], v)` is `h[:, 2] = v`. Differentiable in `h` and `v`.
   *
   * @throws ShapeError when the index does not exist or `value` does not broadcast to the part
   */
  setItem(index: Index, value: Tensor | number): this {
    const part = this.getItem(index);
    const source =
      typeof value === "number"
        ? this.create(fullArray(this.dtype, [], checkedValue("setItem", value, this.dtype)))
        : value;
    checkTensor("setItem", source);
    // As in PyTorch, axes of length 1 in front do not matter: h[t] = v for v of shape [1, H].
    const extra = source.ndim - part.ndim;
    const leadingOnes = extra > 0 && source.shape.slice(0, extra).every((length) => length === 1);
    part.overwrite("setItem", leadingOnes ? source.reshape(source.shape.slice(extra)) : source);
    return this;
  }
}

/** Whether broadcasting makes `to` of `from`. */
function stretchesTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((length, axis) => length === 1 || length === to[axis + lead]);
}

/** The second argument of arithmetic as a tensor. A number takes the dtype of the other side, or float32 where that cannot hold it. */
function operand(where: string, other: Tensor | number, like: TensorViews): Tensor {
  if (typeof other === "number") {
    const dtype = isFloat(like.dtype)
      ? like.dtype
      : !Number.isInteger(other)
        ? "float32"
        : like.dtype === "bool"
          ? "int64"
          : like.dtype;
    return like.create(fullArray(dtype, [], other));
  }
  if (!(other instanceof TensorCore))
    throw new OptionError(`${where}: expected a Tensor or a number, got ${describe(other)}`);
  return other;
}

const category = (dtype: DType): number => (isFloat(dtype) ? 2 : dtype === "bool" ? 0 : 1);

/** PyTorch's promotion: a tensor without dimensions does not widen one that has some, within the same category. */
function resultDType(a: TensorViews, b: TensorViews): DType {
  if (a.dtype === b.dtype) return a.dtype;
  if (a.ndim > 0 && b.ndim === 0 && category(b.dtype) <= category(a.dtype)) return a.dtype;
  if (b.ndim > 0 && a.ndim === 0 && category(a.dtype) <= category(b.dtype)) return b.dtype;
  return promote(a.dtype, b.dtype);
}

function arithmetic(where: string, op: Op, a: TensorViews, other: Tensor | number): Tensor {
  if (typeof other === "object") {
    const known = recall(op, 0, a, other);
    if (known !== null) return known;
  }
  const b = operand(where, other, a);
  if (a.dtype === b.dtype) return apply(op, [a, b], undefined);
  const dtype = resultDType(a, b);
  return apply(op, [a.to(dtype), b.to(dtype)], undefined);
}

function compare(where: string, a: TensorViews, other: Tensor | number, f: (p: number, q: number) => boolean): Tensor {
  // As in PyTorch, a number is rounded to the precision of what it is compared with: tensor([0.1]).eq(0.1) is true.
  const rounded = typeof other === "number" && a.dtype === "float32" ? Math.fround(other) : other;
  const b = typeof rounded === "number" ? a.create(fullArray("float64", [], rounded)) : operand(where, rounded, a);
  return a.create(elementwise.mapPair(a.array, b.array, "bool", (p, q) => (f(p, q) ? 1 : 0), where));
}

/** PyTorch's matmul: vectors count as one row on the left, one column on the right, and that axis is dropped again. */
function matrixProduct(a: TensorViews, b: Tensor): Tensor {
  if (a.dtype !== b.dtype || !isFloat(a.dtype)) {
    throw new DTypeError(
      `matmul: expected two floating tensors of one dtype, got ${a.dtype} and ${b.dtype}. Convert with .to(dtype)`,
    );
  }
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError(
      `matmul: expected at least one dimension on both sides, got shapes ${shapeText(a.shape)} and ${shapeText(b.shape)}`,
    );
  const left = a.ndim === 1 ? a.unsqueeze(0) : a;
  const right = b.ndim === 1 ? b.unsqueeze(1) : b;
  let y = apply(matmul, [left, right], undefined);
  if (a.ndim === 1) y = y.squeeze(-2);
  if (b.ndim === 1) y = y.squeeze(-1);
  return y;
}

/** @throws DTypeError when an integer dtype cannot hold `value` */
export function checkedValue(where: string, value: unknown, dtype: DType): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "number") throw new OptionError(`${where}: expected a number, got ${describe(value)}`);
  if (isFloat(dtype)) return value;
  if (dtype === "bool") return value !== 0 ? 1 : 0;
  const { 1: min, 2: max } = rangeOf(dtype);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new DTypeError(
      `${where}: expected a whole number from ${min} to ${max} for ${dtype}, got ${value}. To wrap around, make it a wider type and convert with .to("${dtype}")`,
    );
  }
  return castValue(value, dtype);
}
