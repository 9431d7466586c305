/**
 * float64 error function after fdlibm's s_erf.c.
 *
 * @module
 */
import { clearLowWord } from "./float64-bits.js";
import { exp } from "./float64-exp.js";

/** erf(1) rounded to 24 bits. */
const ERF_1 = 0.8450629115104675;

/** c[0] + c[1]·x + c[2]·x² + …, by Horner's rule. */
function polynomial(c: readonly number[], x: number): number {
  let y = c[c.length - 1] as number;
  for (let i = c.length - 2; i >= 0; i--) y = (c[i] as number) + x * y;
  return y;
}

/** Numerator and denominator of (erf(x) − x)/x as a function of x², |x| < 0.84375. */
const SMALL = [
  [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -0.000023763016656650163],
  [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -0.000003960228278775368],
] as const;
/** erf(1 + s) − ERF_1 as a function of s, up to |x| < 1.25. */
const MIDDLE = [
  [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
    0.035478304325618236, -0.002166375594868791,
  ],
  [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
] as const;
/** log(x·erfc(x)) + x² + 0.5625 as a function of 1/x², up to |x| < 1/0.35. */
const LARGE = [
  [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
] as const;
/** The same up to |x| < 6. */
const LARGEST = [
  [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
] as const;

/** erf x = 2/√π·∫₀ˣ e^(−t²) dt. Error below 1.1 ulp. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(size)) return NaN;
  if (size < 0.84375) {
    if (size < 2 ** -28) return size < 2 ** -1000 ? (8 * x + 1.0270333367641007 * x) / 8 : x + 0.1283791670955126 * x;
    const z = x * x;
    return x + x * (polynomial(SMALL[0], z) / polynomial(SMALL[1], z));
  }
  const y = size < 6 ? erfPositive(size) : 1;
  return x < 0 ? -y : y;
}

function erfPositive(x: number): number {
  if (x < 1.25) return ERF_1 + polynomial(MIDDLE[0], x - 1) / polynomial(MIDDLE[1], x - 1);
  const s = 1 / (x * x);
  const [top, bottom] = x < 1 / 0.35 ? LARGE : LARGEST;
  // −x² = −z² + (z − x)·(z + x) with z short enough that z² is exact.
  const z = clearLowWord(x);
  const r = exp(-z * z - 0.5625) * exp((z - x) * (z + x) + polynomial(top, s) / polynomial(bottom, s));
  return 1 - r / x;
}
