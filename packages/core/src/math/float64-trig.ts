/**
 * float64 sine and cosine after fdlibm's k_sin.c, k_cos.c and e_rem_pio2.c.
 *
 * @module
 */
/** π/2 in pieces of 33 bits, each with the rest behind it: n times a piece is exact for n < 2^20. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_1_REST = 6.077100506506192e-11;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_2_REST = 2.0222662487959506e-21;
const HALF_PI_3 = 2.0222662487111665e-21;
const HALF_PI_3_REST = 8.4784276603689e-32;

/** The result of the last {@link reduce}: x = n·π/2 + (head + tail) with |head| ≤ π/4, and n's two lowest bits. */
let head = 0;
let tail = 0;
let quadrant = 0;

/** sin x. Error below 1 ulp for every x; NaN for infinities. */
export const sin = (x: number): number => shifted(x, 0);

/** cos x. Error below 1 ulp for every x; NaN for infinities. */
export const cos = (x: number): number => shifted(x, 1);

/** sin(x + quarters·π/2) */
function shifted(x: number, quarters: 0 | 1): number {
  if (Math.abs(x) <= Math.PI / 4) return quarters === 0 ? sinKernel(x, 0) : cosKernel(x, 0);
  if (!Number.isFinite(x)) return NaN;
  reduce(x);
  const n = quadrant + quarters;
  const y = (n & 1) === 0 ? sinKernel(head, tail) : cosKernel(head, tail);
  return (n & 2) === 0 ? y : -y;
}

/** sin(x + rest) for |x| ≤ π/4, `rest` below x's last bit. */
function sinKernel(x: number, rest: number): number {
  const z = x * x;
  const v = z * x;
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * rest - v * r) - rest - v * -0.16666666666666632);
}

/** cos(x + rest) for |x| ≤ π/4, `rest` below x's last bit. */
function cosKernel(x: number, rest: number): number {
  const z = x * x;
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (0.00002480158728947673 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + (z * r - x * rest));
}

/** Sets head, tail and quadrant for a finite x. */
function reduce(x: number): void {
  const size = Math.abs(x);
  if (size < 2 ** 20) reduceByParts(size);
  else reduceExactly(size);
  if (x < 0) {
    head = -head;
    tail = -tail;
    quadrant = -quadrant;
  }
}

/** Cody and Waite's reduction: π/2 is subtracted in pieces, as many as the cancellation asks for. */
function reduceByParts(x: number): void {
  const n = Math.floor(x * (2 / Math.PI) + 0.5);
  quadrant = n & 3;
  let r = x - n * HALF_PI_1;
  let w = n * HALF_PI_1_REST;
  head = r - w;
  if (Math.abs(head) < x * 2 ** -16) {
    const t = r;
    w = n * HALF_PI_2;
    r = t - w;
    w = n * HALF_PI_2_REST - (t - r - w);
    head = r - w;
    if (Math.abs(head) < x * 2 ** -49) {
      const t = r;
      w = n * HALF_PI_3;
      r = t - w;
      w = n * HALF_PI_3_REST - (t - r - w);
      head = r - w;
    }
  }
  tail = r - head - w;
}

/** Bits behind the point that leave 200 of them right when the largest x is reduced. */
const BITS = 1300n;

/** π/2 in units of 2^−BITS, worked out when the first large angle comes. */
let halfPi = 0n;

/** arctan(1/n) in units of 2^−BITS, by its series. */
function arctanOfInverse(n: bigint): bigint {
  let sum = 0n;
  for (let k = 1n, power = (1n << BITS) / n; power !== 0n; k += 2n, power /= -n * n) sum += power / k;
  return sum;
}

/**
 * The remainder in whole numbers, with all the bits of π that the largest x needs (Payne and Hanek, "Radian reduction for
 * trigonometric functions", 1983, say how many) for every x: large angles are rare. π is Machin's, 4·(4·arctan(1/5) − arctan(1/239)).
 */
function reduceExactly(x: number): void {
  if (halfPi === 0n) halfPi = 2n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));
  // x has at most 32 bits behind the point.
  const angle = (BigInt(Math.trunc(x)) << BITS) + (BigInt((x % 1) * 2 ** 32) << (BITS - 32n));
  const n = (2n * angle + halfPi) / (2n * halfPi);
  quadrant = Number(n & 3n);
  const rest = (angle - n * halfPi) >> (BITS - 200n);
  const first = Number(rest);
  head = first * 2 ** -200;
  tail = Number(rest - BigInt(first)) * 2 ** -200;
}
