/**
 * Element kernels. Loops run over whole vectors: an array owns its memory up to the next multiple of 16 bytes, so the
 * last vector may read and write past the last element.
 *
 * The function's number comes first and is a constant wherever `apply…` is inlined, so every loop keeps one branch
 * only.
 */
import { exp4, expOfNegative4, log4, one, sigmoid4, tanh4 } from "./math";

@inline
function applyUnary(f: i32, x: v128): v128 {
  if (f == 0) return f32x4.neg(x);
  if (f == 1) return f32x4.abs(x);
  if (f == 2) return f32x4.mul(x, x);
  if (f == 3) return f32x4.sqrt(x);
  if (f == 4) return f32x4.div(one(), x);
  if (f == 5) return exp4(x);
  if (f == 6) return log4(x);
  if (f == 7) return tanh4(x);
  if (f == 8) return sigmoid4(x);
  return f32x4.pmax(x, f32x4.splat(0));
}

@inline
function unaryLoop(f: i32, n: i32, x: usize, y: usize): void {
  for (let end = x + (<usize>n << 2); x < end; x += 16, y += 16) v128.store(y, applyUnary(f, v128.load(x)));
}

/** The number of e^x among unary functions. */
export const EXP = 5;

/** y = e^x. */
function allExponentials(n: i32, x: usize, y: usize): void {
  unaryLoop(EXP, n, x, y);
}

/**
 * y = e^x for x that are not above 0, four vectors in a round: each is a long chain of operations, and while one waits for itself the
 * others go on.
 */
export function exponentials(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  for (; x + 48 < end; x += 64, y += 64) {
    const first = expOfNegative4(v128.load(x));
    const second = expOfNegative4(v128.load(x, 16));
    const third = expOfNegative4(v128.load(x, 32));
    const fourth = expOfNegative4(v128.load(x, 48));
    v128.store(y, first);
    v128.store(y, second, 16);
    v128.store(y, third, 32);
    v128.store(y, fourth, 48);
  }
  if (x < end) allExponentials(<i32>(end - x) >> 2, x, y);
}

/** y = ln x, two vectors in a round; the last one stands in for one that is not there. */
export function logarithms(n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 32, y += 32) {
    const next: usize = x + 16 < end ? 16 : 0;
    const first = log4(v128.load(x));
    const second = log4(v128.load(x + next));
    v128.store(y + next, second);
    v128.store(y, first);
  }
}

/** y = f(x); numbers as in the order of `UnaryName`. */
export function unary(f: i32, n: i32, x: usize, y: usize): void {
  // A single vector is through before the constants of a loop have been laid out.
  if (n <= 4 && (f == 7 || f == 8)) {
    v128.store(y, f == 7 ? tanh4(v128.load(x)) : sigmoid4(v128.load(x)));
    return;
  }
  switch (f) {
    case 0:
      return unaryLoop(0, n, x, y);
    case 1:
      return unaryLoop(1, n, x, y);
    case 2:
      return unaryLoop(2, n, x, y);
    case 3:
      return unaryLoop(3, n, x, y);
    case 4:
      return unaryLoop(4, n, x, y);
    case 5:
      return allExponentials(n, x, y);
    case 6:
      return logarithms(n, x, y);
    case 7:
      return unaryLoop(7, n, x, y);
    case 8:
      return unaryLoop(8, n, x, y);
    default:
      return unaryLoop(9, n, x, y);
  }
}

@inline
function applyBinary(f: i32, a: v128, b: v128): v128 {
  if (f == 0) return f32x4.add(a, b);
  if (f == 1) return f32x4.sub(a, b);
  if (f == 2) return f32x4.mul(a, b);
  if (f == 3) return f32x4.div(a, b);
  if (f == 4) return f32x4.max(a, b);
  if (f == 5) return f32x4.min(a, b);
  if (f == 6) return f32x4.mul(a, f32x4.sub(one(), f32x4.mul(b, b)));
  if (f == 7) return f32x4.mul(f32x4.mul(a, b), f32x4.sub(one(), b));
  return v128.and(a, f32x4.gt(b, f32x4.splat(0)));
}

@inline
function binaryLoop(f: i32, n: i32, a: usize, stepA: usize, b: usize, stepB: usize, y: usize): void {
  for (let end = y + (<usize>n << 2); y < end; y += 16, a += stepA, b += stepB) {
    v128.store(y, applyBinary(f, v128.load(a), v128.load(b)));
  }
}

/**
 * y = f(a, b); numbers as in the order of `BinaryName`. Steps are 16, or 0 for a side that is one number, written four
 * times.
 */
export function binary(f: i32, n: i32, a: usize, stepA: usize, b: usize, stepB: usize, y: usize): void {
  switch (f) {
    case 0:
      return binaryLoop(0, n, a, stepA, b, stepB, y);
    case 1:
      return binaryLoop(1, n, a, stepA, b, stepB, y);
    case 2:
      return binaryLoop(2, n, a, stepA, b, stepB, y);
    case 3:
      return binaryLoop(3, n, a, stepA, b, stepB, y);
    case 4:
      return binaryLoop(4, n, a, stepA, b, stepB, y);
    case 5:
      return binaryLoop(5, n, a, stepA, b, stepB, y);
    case 6:
      return binaryLoop(6, n, a, stepA, b, stepB, y);
    case 7:
      return binaryLoop(7, n, a, stepA, b, stepB, y);
    default:
      return binaryLoop(8, n, a, stepA, b, stepB, y);
  }
}

/**
 * y = f(a, b) with the row b of `width` elements repeated. b has room for 4·`width` + 128 elements: the row is written
 * out until it fills whole vectors (and not too few of them), so that no row of a ends within a vector.
 */
export function binaryRows(f: i32, n: i32, width: i32, a: usize, b: usize, y: usize): void {
  const round = repeatRow(width, b);
  for (let i = 0; i < n; i += round, a += <usize>round << 2, y += <usize>round << 2) {
    binary(f, min(round, n - i), a, 16, b, 16, y);
  }
}

/** Repeats a row behind itself; returns the length reached, a multiple of 4 and of `width`. */
function repeatRow(width: i32, b: usize): i32 {
  let round = width;
  while (round & 3 || round < 64) {
    for (let i: usize = 0; i < <usize>round << 2; i += 4) store<f32>(b + (<usize>round << 2) + i, load<f32>(b + i));
    round += round;
  }
  return round;
}

/** y += alpha·x */
export function axpy(n: i32, alpha: f32, x: usize, y: usize): void {
  const factor = f32x4.splat(alpha);
  for (let end = x + (<usize>n << 2); x < end; x += 16, y += 16) {
    v128.store(y, f32x4.add(v128.load(y), f32x4.mul(factor, v128.load(x))));
  }
}
