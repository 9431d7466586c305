/**
 * exp, log, tanh and sigmoid of four float32 at once, bit for bit as in `src/math/float32.ts`, which explains them.
 *
 * Constants stand in a table and are loaded where they are used: V8 builds a `v128.const` anew in every round of a
 * loop, which takes longer than the arithmetic.
 */

const wide: usize = memory.data<f64>(
  [
    1.0, // 0
    1.4426950408889634, // 1: log2 e
    6755399441055744.0, // 2: 1.5·2^52
    0.6931471805599453, // 3: ln 2
    0.4999999344901002, // 4: exp
    0.16666520630327156,
    0.04166838772993288,
    0.008368717021038757,
    0.001381461674274569,
    0.13785531540442963, // 9: tanh, numerator
    0.004008696753383325,
    3.159145754121508e-5,
    5.076062856525053e-8,
    0.47118864233572133, // 13: tanh, denominator
    0.027738256654633524,
    0.00042076900581515666,
    1.6175701098371668e-6,
    7.372903864603838e-10,
    0.33333388224911054, // 18: log
    0.19988766129871702,
    0.1493599986190527,
    2.0, // 21
    4503599627371519.0, // 22: 2^52 + 1023
  ],
  16,
);

const narrow: usize = memory.data<f32>(
  [
    89.0, // 0: exp
    -104.0,
    104.0, // 2: sigmoid
    9.05, // 3: tanh
    -9.05,
    0.0, // 5: log
    Infinity,
    -Infinity,
    1.0, // 8
    1.1754943508222875e-38, // 9: smallest normal number
  ],
  16,
);

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
  return narrowConstant(8);
}

@inline
export function smallestNormal(): v128 {
  return narrowConstant(9);
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

/** Two pairs of float64 rounded to four float32. */
@inline
export function narrowed(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** x held between limits; pmin and pmax with x first let NaN through. */
@inline
function held(x: v128, high: v128, low: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, high), low);
}

/**
 * `shifted` carries n in its lowest bits, so shifting it into the exponent's place and adding multiplies by 2^n. The
 * lowest bits of a NaN that came from a float32 are zero, so it stays NaN.
 */
@inline
function expWide(x: v128): v128 {
  const shifted = f64x2.add(f64x2.mul(x, wideConstant(1)), wideConstant(2));
  const n = f64x2.sub(shifted, wideConstant(2));
  const r = f64x2.sub(x, f64x2.mul(n, wideConstant(3)));
  const r2 = f64x2.mul(r, r);
  const low = f64x2.add(
    f64x2.add(wideConstant(0), r),
    f64x2.mul(r2, f64x2.add(wideConstant(4), f64x2.mul(wideConstant(5), r))),
  );
  const high = f64x2.add(
    f64x2.add(wideConstant(6), f64x2.mul(wideConstant(7), r)),
    f64x2.mul(r2, wideConstant(8)),
  );
  const p = f64x2.add(low, f64x2.mul(f64x2.mul(r2, r2), high));
  return i64x2.add(p, i64x2.shl(shifted, 52));
}

@inline
export function exp4(x: v128): v128 {
  const h = held(x, narrowConstant(0), narrowConstant(1));
  return narrowed(expWide(lowerHalf(h)), expWide(upperHalf(h)));
}

@inline
function sigmoidWide(minus: v128): v128 {
  return f64x2.div(wideConstant(0), f64x2.add(wideConstant(0), expWide(minus)));
}

@inline
export function sigmoid4(x: v128): v128 {
  const minus = f32x4.neg(held(x, narrowConstant(2), f32x4.neg(narrowConstant(2))));
  return narrowed(sigmoidWide(lowerHalf(minus)), sigmoidWide(upperHalf(minus)));
}

@inline
function tanhWide(x: v128): v128 {
  const t = f64x2.mul(x, x);
  const t2 = f64x2.mul(t, t);
  const p = f64x2.add(
    f64x2.add(wideConstant(0), f64x2.mul(wideConstant(9), t)),
    f64x2.mul(
      t2,
      f64x2.add(
        f64x2.add(wideConstant(10), f64x2.mul(wideConstant(11), t)),
        f64x2.mul(t2, wideConstant(12)),
      ),
    ),
  );
  const q = f64x2.add(
    f64x2.add(wideConstant(0), f64x2.mul(wideConstant(13), t)),
    f64x2.mul(
      t2,
      f64x2.add(
        f64x2.add(wideConstant(14), f64x2.mul(wideConstant(15), t)),
        f64x2.mul(t2, f64x2.add(wideConstant(16), f64x2.mul(wideConstant(17), t))),
      ),
    ),
  );
  return f64x2.div(f64x2.mul(x, p), q);
}

@inline
export function tanh4(x: v128): v128 {
  const h = held(x, narrowConstant(3), narrowConstant(4));
  return narrowed(tanhWide(lowerHalf(h)), tanhWide(upperHalf(h)));
}

/** A subnormal float32 is a normal float64, so nothing need be lifted here. */
@inline
function logWide(x: v128): v128 {
  const biased = i64x2.shr_u(i64x2.add(x, bitsConstant(0)), 52);
  const m = i64x2.add(i64x2.sub(x, i64x2.shl(biased, 52)), bitsConstant(1));
  const n = f64x2.sub(v128.or(biased, bitsConstant(2)), wideConstant(22));
  const f = f64x2.sub(m, wideConstant(0));
  const s = f64x2.div(f, f64x2.add(wideConstant(21), f));
  const z = f64x2.mul(s, s);
  const twice = f64x2.add(s, s);
  const series = f64x2.add(
    f64x2.add(wideConstant(18), f64x2.mul(wideConstant(19), z)),
    f64x2.mul(f64x2.mul(z, z), wideConstant(20)),
  );
  return f64x2.add(
    f64x2.mul(n, wideConstant(3)),
    f64x2.add(twice, f64x2.mul(f64x2.mul(twice, z), series)),
  );
}

/** Below zero and NaN: NaN (all bits set); zero: −∞; ∞: itself. */
@inline
export function log4(x: v128): v128 {
  const y = narrowed(logWide(lowerHalf(x)), logWide(upperHalf(x)));
  const zero = f32x4.eq(x, narrowConstant(5));
  const infinite = f32x4.eq(x, narrowConstant(6));
  const valued = v128.bitselect(x, v128.bitselect(narrowConstant(7), y, zero), infinite);
  return v128.or(valued, v128.not(f32x4.ge(x, narrowConstant(5))));
}
