/**
 * Ops that treat each element by itself, with broadcasting.
 *
 * Floating arrays go through the kernels; integer arithmetic wraps around like C's.
 *
 * @module
 */
import { broadcastTo, contiguous, copyOf, emptyArray, type NdArray, resultArray } from "../array.js";
import { castValue, isFloat, promote } from "../dtype.js";
import { DTypeError } from "../errors.js";
import { type BinaryMode, type BinaryName, type FloatArray, kernels, type UnaryName } from "../kernels/index.js";
import { cos, log as naturalLog, pow, sin } from "../math/float64.js";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../shape.js";
import { unbroadcast } from "./accumulate.js";
import { defineOp, type Op } from "./op.js";

/** y = f(x) by the kernel of that name. */
export function unary(f: UnaryName, x: NdArray): NdArray {
  const c = contiguous(x);
  const y = resultArray(x.dtype, x.shape);
  kernels().unary(f, sizeOf(x.shape), c.data as FloatArray, c.offset, y.data as FloatArray, y.offset);
  return y;
}

/** Whether `b` is one row of `a`, to be repeated: [B, N] with [N] or [1, N]. */
function isRowOf(b: NdArray, shape: Shape): boolean {
  const lead = shape.length - b.shape.length;
  const firstLong = b.shape.findIndex((length) => length !== 1);
  if (firstLong < 0) return false;
  for (let axis = firstLong; axis < b.shape.length; axis++) if (b.shape[axis] !== shape[axis + lead]) return false;
  return true;
}

/** y = f(a, b) for floating arrays of one dtype whose shapes broadcast to `shape`. */
export function binary(f: BinaryName, a: NdArray, b: NdArray, shape: Shape): NdArray {
  const y = resultArray(a.dtype, shape);
  const n = sizeOf(shape);
  let p = contiguous(a);
  let q = contiguous(b);
  let mode: BinaryMode = "same";
  let width = 0;
  if (!sameShape(a.shape, b.shape)) {
    const sizeA = sizeOf(a.shape);
    const sizeB = sizeOf(b.shape);
    if (sizeB === 1 && sizeA === n) mode = "scalar";
    else if (sizeA === 1 && sizeB === n) mode = "scalarLeft";
    else if (sizeA === n && isRowOf(b, shape)) {
      mode = "row";
      width = sizeB;
    } else {
      if (sizeA !== n) p = copyOf(broadcastTo(a, shape));
      if (sizeB !== n) q = copyOf(broadcastTo(b, shape));
    }
  }
  kernels().binary(
    f,
    mode,
    n,
    p.data as FloatArray,
    p.offset,
    q.data as FloatArray,
    q.offset,
    y.data as FloatArray,
    y.offset,
    width,
  );
  return y;
}

/** y = f(x) with a function of one float64 number, rounded by the store resp. wrapped into the integer type. */
export function map(x: NdArray, f: (value: number) => number): NdArray {
  const c = contiguous(x);
  const y = emptyArray(x.dtype, x.shape);
  const g = isFloat(x.dtype) ? f : (value: number) => castValue(f(value), x.dtype);
  for (let i = 0; i < y.data.length; i++) y.data[i] = g(c.data[c.offset + i] as number);
  return y;
}

/** y = f(a, b) with a function of two numbers, for any dtypes; `out` is the dtype of the result. */
export function mapPair(
  a: NdArray,
  b: NdArray,
  out: NdArray["dtype"],
  f: (p: number, q: number) => number,
  where: string,
): NdArray {
  const shape = broadcastShapes(where, a.shape, b.shape);
  const p = contiguous(sameShape(a.shape, shape) ? a : broadcastTo(a, shape));
  const q = contiguous(sameShape(b.shape, shape) ? b : broadcastTo(b, shape));
  const y = emptyArray(out, shape);
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(p.data[p.offset + i] as number, q.data[q.offset + i] as number);
  return y;
}

const mul = (a: NdArray, b: NdArray): NdArray => binary("mul", a, b, broadcastShapes("mul", a.shape, b.shape));
const neg = (x: NdArray): NdArray => unary("neg", x);

const integerOps: { readonly [name: string]: (p: number, q: number) => number } = {
  add: (p, q) => p + q,
  sub: (p, q) => p - q,
  mul: (p, q) => p * q,
};

/** Integer arithmetic: exact, then wrapped into the type (int64: an error beyond ±(2^53 − 1)). */
function integerBinary(name: "add" | "sub" | "mul", a: NdArray, b: NdArray): NdArray {
  const dtype = promote(a.dtype, b.dtype);
  if (dtype === "bool" && name === "sub") {
    throw new DTypeError(
      'sub: expected numbers, got two bool tensors. Use ne (exclusive or) or convert with .to("int64")',
    );
  }
  // The product of two int32 may need 62 bits; imul keeps exactly the low 32.
  if (dtype === "int32" && name === "mul") return mapPair(a, b, dtype, Math.imul, name);
  const f = integerOps[name] as (p: number, q: number) => number;
  return mapPair(a, b, dtype, (p, q) => castValue(f(p, q), dtype), name);
}

function arithmetic(name: "add" | "sub" | "mul", a: NdArray, b: NdArray): NdArray {
  if (!isFloat(a.dtype)) return integerBinary(name, a, b);
  return binary(name, a, b, broadcastShapes(name, a.shape, b.shape));
}

/** a + b. ∂a = g, ∂b = g. */
export const add = /* @__PURE__ */ defineOp({
  name: "add",
  replay: {},
  reads: "nothing",
  forward: (inputs) => arithmetic("add", inputs[0] as NdArray, inputs[1] as NdArray),
  backward: (g, { inputs, needs }) => [
    needs[0] ? unbroadcast(g, (inputs[0] as NdArray).shape) : null,
    needs[1] ? unbroadcast(g, (inputs[1] as NdArray).shape) : null,
  ],
});

/** a − b. ∂a = g, ∂b = −g. */
export const sub = /* @__PURE__ */ defineOp({
  name: "sub",
  replay: {},
  reads: "nothing",
  forward: ([a, b]) => arithmetic("sub", a as NdArray, b as NdArray),
  backward: (g, { inputs: [a, b], needs }) => [
    needs[0] ? unbroadcast(g, (a as NdArray).shape) : null,
    needs[1] ? unbroadcast(neg(g), (b as NdArray).shape) : null,
  ],
});

/** a·b. ∂a = g·b, ∂b = g·a. */
export const multiply = /* @__PURE__ */ defineOp({
  name: "mul",
  replay: {},
  reads: "inputs",
  forward: ([a, b]) => arithmetic("mul", a as NdArray, b as NdArray),
  backward: (g, { inputs: [a, b], needs }) => [
    needs[0] ? unbroadcast(mul(g, b as NdArray), (a as NdArray).shape) : null,
    needs[1] ? unbroadcast(mul(g, a as NdArray), (b as NdArray).shape) : null,
  ],
});

/** a / b. ∂a = g / b, ∂b = −g·(a/b)/b. */
export const divide = /* @__PURE__ */ defineOp({
  name: "div",
  replay: {},
  reads: "both",
  forward: ([a, b]) =>
    binary("div", a as NdArray, b as NdArray, broadcastShapes("div", (a as NdArray).shape, (b as NdArray).shape)),
  backward: (g, { inputs: [a, b], output: y, needs }) => {
    const scaled = binary("div", g, b as NdArray, g.shape);
    return [
      needs[0] ? unbroadcast(scaled, (a as NdArray).shape) : null,
      needs[1] ? unbroadcast(neg(mul(scaled, y)), (b as NdArray).shape) : null,
    ];
  },
});

/** The larger (smaller) of a and b; NaN if either is. The gradient goes to the one chosen, half to each at a tie. */
function extremum(name: "maximum" | "minimum", wins: (p: number, q: number) => boolean): Op {
  const share = (p: number, q: number): number => (p === q ? 0.5 : wins(p, q) ? 1 : 0);
  return defineOp({
    name,
    reads: "inputs",
    forward: ([a, b]) =>
      binary(name, a as NdArray, b as NdArray, broadcastShapes(name, (a as NdArray).shape, (b as NdArray).shape)),
    backward: (g, { inputs: [a, b], needs }) => {
      const [p, q] = [a as NdArray, b as NdArray];
      return [
        needs[0] ? unbroadcast(mul(g, mapPair(p, q, p.dtype, share, name)), p.shape) : null,
        needs[1] ? unbroadcast(mul(g, mapPair(q, p, p.dtype, share, name)), q.shape) : null,
      ];
    },
  });
}

export const maximum = extremum("maximum", (p, q) => p > q);
export const minimum = extremum("minimum", (p, q) => p < q);

/** An op of one argument whose value comes from a kernel. */
function unaryOp(name: UnaryName, reads: Op["reads"], derivative: (g: NdArray, x: NdArray, y: NdArray) => NdArray): Op {
  return defineOp({
    name,
    reads,
    replay: {},
    forward: (inputs) => unary(name, inputs[0] as NdArray),
    backward: (g, { inputs, output }) => [derivative(g, inputs[0] as NdArray, output)],
  });
}

/** −x. ∂x = −g. */
export const negative = /* @__PURE__ */ defineOp({
  name: "neg",
  replay: {},
  reads: "nothing",
  forward: ([x]) => (isFloat((x as NdArray).dtype) ? neg(x as NdArray) : map(x as NdArray, (v) => -v)),
  backward: (g) => [neg(g)],
});

/** |x|. ∂x = g·sign x, 0 at 0. */
export const absolute = /* @__PURE__ */ defineOp({
  name: "abs",
  reads: "inputs",
  forward: ([x]) => (isFloat((x as NdArray).dtype) ? unary("abs", x as NdArray) : map(x as NdArray, Math.abs)),
  backward: (g, { inputs: [x] }) => [mul(g, map(x as NdArray, Math.sign))],
});

/** eˣ. ∂x = g·y. */
export const exponential = unaryOp("exp", "output", (g, _x, y) => mul(g, y));

/** ln x. ∂x = g / x. */
export const logarithm = unaryOp("log", "inputs", (g, x) => binary("div", g, x, g.shape));

/** √x. ∂x = g / (2y). */
export const squareRoot = unaryOp("sqrt", "output", (g, _x, y) =>
  binary("div", g, binary("add", y, y, y.shape), g.shape),
);

/** x². ∂x = g·2x. */
export const square = unaryOp("square", "inputs", (g, x) => mul(g, binary("add", x, x, x.shape)));

/** 1/x. ∂x = −g·y². */
export const reciprocal = unaryOp("reciprocal", "output", (g, _x, y) => neg(mul(g, unary("square", y))));

/** tanh x. ∂x = g·(1 − y²). */
export const hyperbolicTangent = unaryOp("tanh", "output", (g, _x, y) => binary("tanhGrad", g, y, g.shape));

/** σ(x) = 1/(1 + e⁻ˣ). ∂x = g·y·(1 − y). */
export const sigmoid = unaryOp("sigmoid", "output", (g, _x, y) => binary("sigmoidGrad", g, y, g.shape));

/** max(x, 0), NaN stays NaN. ∂x = g where y > 0, else 0. */
export const rectifier = unaryOp("relu", "output", (g, _x, y) => binary("reluGrad", g, y, g.shape));

/** An op of one argument computed in float64 and rounded once: exact to the last bit of float32 nearly everywhere, no SIMD. */
export function preciseOp(name: string, f: (x: number) => number, derivative: (x: number) => number): Op {
  return defineOp({
    name,
    reads: "inputs",
    forward: ([x]) => map(x as NdArray, f),
    backward: (g, { inputs: [x] }) => [mul(g, map(x as NdArray, derivative))],
  });
}

/** sin x. ∂x = g·cos x. */
export const sine = /* @__PURE__ */ preciseOp("sin", sin, cos);

/** cos x. ∂x = −g·sin x. */
export const cosine = /* @__PURE__ */ preciseOp("cos", cos, (x) => -sin(x));

/** aᵇ. ∂a = g·b·aᵇ⁻¹ (0 where b = 0), ∂b = g·aᵇ·ln a (0 where a = 0 and b ≥ 0). */
export const power = /* @__PURE__ */ defineOp({
  name: "pow",
  reads: "inputs",
  forward: ([a, b]) => mapPair(a as NdArray, b as NdArray, (a as NdArray).dtype, pow, "pow"),
  backward: (g, { inputs: [a, b], output: y, needs }) => {
    const [p, q] = [a as NdArray, b as NdArray];
    const slope = (x: number, n: number): number => (n === 0 ? 0 : n * pow(x, n - 1));
    const growth = (x: number, n: number): number => (x === 0 && n >= 0 ? 0 : pow(x, n) * naturalLog(x));
    return [
      needs[0] ? unbroadcast(mul(g, mapPair(p, q, y.dtype, slope, "pow")), p.shape) : null,
      needs[1] ? unbroadcast(mul(g, mapPair(p, q, y.dtype, growth, "pow")), q.shape) : null,
    ];
  },
});

/** x held within [min, max]. ∂x = g where it was not held. NaN stays NaN. */
export const clamp = /* @__PURE__ */ defineOp<{ readonly min: number; readonly max: number }>({
  name: "clamp",
  reads: "inputs",
  forward: ([x], { min, max }) => {
    const hold = (v: number): number => (v < min ? min : v > max ? max : v);
    return map(x as NdArray, hold);
  },
  backward: (g, { inputs: [x], attrs: { min, max } }) => [
    mul(
      g,
      map(x as NdArray, (v) => (v >= min && v <= max ? 1 : 0)),
    ),
  ],
});

/** condition ? a : b, all three broadcast. The gradient goes to whichever was taken. */
export const where = /* @__PURE__ */ defineOp<{ readonly condition: NdArray }>({
  name: "where",
  reads: "nothing",
  forward: ([a, b], { condition }) => {
    const [p, q] = [a as NdArray, b as NdArray];
    const shape = broadcastShapes("where", broadcastShapes("where", p.shape, q.shape), condition.shape);
    const c = copyOf(broadcastTo(condition, shape));
    const x = contiguous(broadcastTo(p, shape));
    const y = copyOf(broadcastTo(q, shape));
    for (let i = 0; i < c.data.length; i++) if (c.data[i] !== 0) y.data[i] = x.data[x.offset + i] as number;
    return y;
  },
  backward: (g, { inputs: [a, b], attrs: { condition }, needs }) => [
    needs[0]
      ? unbroadcast(
          mapPair(g, condition, g.dtype, (v, c) => (c !== 0 ? v : 0), "where"),
          (a as NdArray).shape,
        )
      : null,
    needs[1]
      ? unbroadcast(
          mapPair(g, condition, g.dtype, (v, c) => (c !== 0 ? 0 : v), "where"),
          (b as NdArray).shape,
        )
      : null,
  ],
});
