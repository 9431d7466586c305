/**
 * exp, log, tanh and sigmoid of four float32 at once, bit for bit as in `src/math/float32.ts`, which explains them.
 *
 * Constants stand in a table and are loaded where they are used: V8 builds a `v128.const` anew in every round of a
 * loop, which takes longer than the arithmetic. The build takes the loads out of loops (scripts/hoist-constants.mjs), for which the
 * functions must stand in the loops themselves, not be called.
 */

const wide: usize = memory.data<f64>(
  [
    1.0, // 0
    2.0,
    0.6931471805599453, // 2: ln 2
    0.33333388224911054, // 3: log
    0.19988766129871702,
    0.1493599986190527,
    4503599627371519.0, // 6: 2^52 + 1023
  ],
  16,
);

const narrow: usize = memory.data<f32>(
  [
    1.0, // 0
    12582912.0, // 1: 1.5·2^23, whose bits end in those of a whole number added to it
    1.4426950408889634, // 2: log2 e
    2.8853900817779268,
    0.693145751953125, // 4: ln 2 in two pieces, and in one
    1.428606765330187e-6,
    0.6931471805599453,
    0.5, // 7: e^r
    0.166665338,
    0.04166723877,
    0.008367509161,
    0.001386375685,
    89.0, // 12: exp
    -104.0,
    104.0, // 14: sigmoid
    5.9604644775390625e-8,
    40.0, // 16: tanh
    0.0, // 17: log
    Infinity,
    -Infinity,
    1.1754943508222875e-38, // 20: smallest normal number
    16777216.0, // 21: 2^24
  ],
  16,
);

const mask: usize = memory.data<i32>([0x7fffffff], 4);

const bits: usize = memory.data<u64>(
  [
    0x00095f61a0000000, // 0: bits of 1 less those of the float32 below √½
    0x3ff0000000000000, // 1: bits of 1
    0x4330000000000000, // 2: bits of 2^52
  ],
  16,
);

@inline
function wideConstant(i: usize): v128 {
  return v128.load_splat<f64>(wide + (i << 3));
}

@inline
function narrowConstant(i: usize): v128 {
  return v128.load_splat<f32>(narrow + (i << 2));
}

@inline
function bitsConstant(i: usize): v128 {
  return v128.load_splat<u64>(bits + (i << 3));
}

@inline
export function one(): v128 {
  return narrowConstant(0);
}

@inline
export function smallestNormal(): v128 {
  return narrowConstant(20);
}

/** Elements 0 and 1 in float64. */
@inline
export function lowerHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Elements 2 and 3 in float64. */
@inline
export function upperHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** The two float32 at an address in float64; a machine loads and widens them in one go. */
@inline
export function widened(p: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load_zero<u64>(p));
}

/** Two pairs of float64 rounded to four float32. */
@inline
export function narrowed(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** e^r − 1 for |r| ≤ ln(2)/2. */
@inline
function expLess1(r: v128): v128 {
  const r2 = f32x4.mul(r, r);
  const low = f32x4.mul(f32x4.add(f32x4.mul(narrowConstant(8), r), narrowConstant(7)), r2);
  const high = f32x4.add(f32x4.mul(r2, narrowConstant(11)), f32x4.add(f32x4.mul(narrowConstant(10), r), narrowConstant(9)));
  return f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r2, r2), high), low), r);
}

/** 1.5·2^23 + x: the bits end in those of x rounded to a whole number. */
@inline
function shifted(x: v128, scale: v128): v128 {
  return f32x4.add(f32x4.mul(x, scale), narrowConstant(1));
}

/** The numbers that have been shifted. */
@inline
function wholes(s: v128): v128 {
  return f32x4.sub(s, narrowConstant(1));
}

/** |x|, for which V8 would make a mask anew in every round. */
@inline
function sizes(x: v128): v128 {
  return v128.and(x, v128.load_splat<i32>(mask));
}

/** e^x; pmin with x first lets NaN through. */
@inline
export function exp4(x: v128): v128 {
  const held = f32x4.pmax(f32x4.pmin(x, narrowConstant(12)), narrowConstant(13));
  const s = shifted(held, narrowConstant(2));
  const n = wholes(s);
  const r = f32x4.sub(f32x4.sub(held, f32x4.mul(n, narrowConstant(4))), f32x4.mul(n, narrowConstant(5)));
  // 2^n in two factors, because it may lie beyond the range of normal numbers.
  const half = i32x4.shr_s(s, 1);
  const first = i32x4.add(i32x4.shl(half, 23), one());
  const second = i32x4.add(i32x4.shl(i32x4.sub(s, half), 23), one());
  return f32x4.mul(f32x4.mul(f32x4.add(expLess1(r), one()), first), second);
}

/** e^x for x that is not above 0, where one of the two factors of 2^n may always be 2^−24. */
@inline
export function expOfNegative4(x: v128): v128 {
  const held = f32x4.pmax(x, narrowConstant(13));
  const s = shifted(held, narrowConstant(2));
  const n = wholes(s);
  const r = f32x4.sub(f32x4.sub(held, f32x4.mul(n, narrowConstant(4))), f32x4.mul(n, narrowConstant(5)));
  const first = i32x4.add(i32x4.shl(s, 23), narrowConstant(21));
  return f32x4.mul(f32x4.mul(f32x4.add(expLess1(r), one()), first), narrowConstant(15));
}

@inline
export function sigmoid4(x: v128): v128 {
  const held = f32x4.pmin(sizes(x), narrowConstant(14));
  const s = shifted(held, narrowConstant(2));
  const n = wholes(s);
  const r = f32x4.add(f32x4.mul(n, narrowConstant(5)), f32x4.sub(f32x4.mul(n, narrowConstant(4)), held));
  const p = f32x4.mul(f32x4.add(expLess1(r), one()), narrowConstant(15));
  const w = i32x4.add(i32x4.shl(s, 23), narrowConstant(15));
  return f32x4.div(v128.bitselect(p, w, i32x4.shr_s(x, 31)), f32x4.add(w, p));
}

@inline
export function tanh4(x: v128): v128 {
  const size = sizes(x);
  const held = f32x4.pmin(size, narrowConstant(16));
  const s = shifted(held, narrowConstant(3));
  const e = expLess1(f32x4.sub(f32x4.mul(wholes(s), narrowConstant(6)), f32x4.add(held, held)));
  const w = i32x4.add(i32x4.shl(s, 23), one());
  const y = f32x4.div(f32x4.sub(f32x4.sub(w, one()), e), f32x4.add(f32x4.add(w, one()), e));
  return v128.or(y, v128.xor(x, size));
}

/** A subnormal float32 is a normal float64, so nothing need be lifted here. */
@inline
function logWide(x: v128): v128 {
  const biased = i64x2.shr_u(i64x2.add(x, bitsConstant(0)), 52);
  const m = i64x2.add(i64x2.sub(x, i64x2.shl(biased, 52)), bitsConstant(1));
  const n = f64x2.sub(v128.or(biased, bitsConstant(2)), wideConstant(6));
  const f = f64x2.sub(m, wideConstant(0));
  const s = f64x2.div(f, f64x2.add(wideConstant(1), f));
  const z = f64x2.mul(s, s);
  const twice = f64x2.add(s, s);
  const series = f64x2.add(
    f64x2.add(wideConstant(3), f64x2.mul(wideConstant(4), z)),
    f64x2.mul(f64x2.mul(z, z), wideConstant(5)),
  );
  return f64x2.add(
    f64x2.mul(n, wideConstant(2)),
    f64x2.add(twice, f64x2.mul(f64x2.mul(twice, z), series)),
  );
}

/** Below zero and NaN: NaN (all bits set); zero: −∞; ∞: itself. */
@inline
export function log4(x: v128): v128 {
  const y = narrowed(logWide(lowerHalf(x)), logWide(upperHalf(x)));
  const zero = f32x4.eq(x, narrowConstant(17));
  const infinite = f32x4.eq(x, narrowConstant(18));
  const valued = v128.bitselect(x, v128.bitselect(narrowConstant(19), y, zero), infinite);
  return v128.or(valued, v128.not(f32x4.ge(x, narrowConstant(17))));
}
