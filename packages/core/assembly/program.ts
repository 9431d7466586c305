/**
 * Programs: calls of kernels written down as instructions, carried out without coming back to the host in between. An instruction is
 * its number and its operands, 32 bits each: addresses in bytes, counts in elements, numbers as the bits of a float32.
 * `src/capture/compile.ts` writes them; the numbers of the instructions stand in `src/capture/device.ts`.
 */
import { recurrentBackward } from "./backward";
import { affine, cellSum, lstmStep, lstmStepGrad } from "./cell";
import { crossEntropy } from "./cross-entropy";
import { axpy, binary, binaryRows, unary } from "./elementwise";
import { packRecurrence, recurrentForward } from "./forward";
import { gemm } from "./gemm";
import { crossEntropyEach } from "./losses";
import { packedRow, packRows } from "./panels";
import { put } from "./partial";
import { sumOuter } from "./sum-outer";
import { adagrad, adam, rmsprop, sgd } from "./optim";
import { logSoftmax, logSoftmaxGrad, scatterAddRows, softmax, softmaxGrad, sumColumns, sumRows } from "./rows";

/** Four times the number that stands somewhere, for kernels that take one. */
const spread: usize = memory.data(16, 16);

@inline
function at(p: usize, i: usize): i32 {
  return load<i32>(p + (i << 2));
}

@inline
function spreadOf(from: usize): usize {
  v128.store(spread, v128.load_splat<f32>(from));
  return spread;
}

function copy(n: i32, from: usize, to: usize): void {
  if (n > 64) {
    memory.copy(to, from, <usize>n << 2);
    return;
  }
  const end = from + (<usize>n << 2);
  for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(from));
}

function zero(n: i32, to: usize): void {
  if (n > 64) {
    memory.fill(to, 0, <usize>n << 2);
    return;
  }
  const end = to + (<usize>n << 2);
  for (; to + 16 <= end; to += 16) v128.store(to, f32x4.splat(0));
  for (; to < end; to += 4) store<f32>(to, 0);
}

/** Rows of a table, `width` numbers each. */
function gather(count: i32, width: i32, table: usize, index: usize, y: usize): void {
  const size = <usize>width << 2;
  for (const end = index + (<usize>count << 2); index < end; index += 4, y += size) {
    const row = table + <usize>load<i32>(index) * size;
    if (width == 1) store<f32>(y, load<f32>(row));
    else copy(width, row, y);
  }
}

/** Copies an array of up to four axes, or adds it: adds, from, to, then for each axis its length and the steps of both sides. */
function strided(p: usize): void {
  const adds = at(p, 1);
  const stepX = at(p, 14) << 2;
  const stepY = at(p, 15) << 2;
  for (let a = 0; a < at(p, 4); a++) {
    for (let b = 0; b < at(p, 7); b++) {
      for (let c = 0; c < at(p, 10); c++) {
        let x: usize = at(p, 2) + ((a * at(p, 5) + b * at(p, 8) + c * at(p, 11)) << 2);
        let y: usize = at(p, 3) + ((a * at(p, 6) + b * at(p, 9) + c * at(p, 12)) << 2);
        for (let d = at(p, 13); d > 0; d--, x += stepX, y += stepY)
          store<f32>(y, adds ? load<f32>(y) + load<f32>(x) : load<f32>(x));
      }
    }
  }
}

/** One row of C. */
function row(N: i32, K: i32, a: usize, stepA: usize, b: usize, stepB: usize, columnB: usize, c: usize, adds: i32): void {
  if (columnB == 4) {
    for (; N > 0; N -= 4, b += 16, c += 16) {
      let s = f32x4.splat(0);
      for (let k = K, p = a, q = b; k > 0; k--, p += stepA, q += stepB)
        s = f32x4.add(f32x4.mul(v128.load_splat<f32>(p), v128.load(q)), s);
      put(N, adds ? f32x4.add(v128.load(c), s) : s, c);
    }
    return;
  }
  for (; N > 0; N--, b += columnB, c += 4) {
    let s: f32 = 0;
    let p = a;
    let q = b;
    for (let k = K; k > 0; k--, p += stepA, q += stepB) s += load<f32>(p) * load<f32>(q);
    store<f32>(c, adds ? load<f32>(c) + s : s);
  }
}

/** Up to this many multiplications, plain loops are through before tiles have been laid out. */
const FEW = 64;

/** transA, transB, M, N, K, a, lda, b, ldb, c, ldc, accumulate, room */
function product(p: usize): void {
  const transA = at(p, 1);
  const transB = at(p, 2);
  const M = at(p, 3);
  const N = at(p, 4);
  const K = at(p, 5);
  const a = <usize>at(p, 6);
  const lda = <usize>at(p, 7);
  const b = <usize>at(p, 8);
  const ldb = <usize>at(p, 9);
  const c = <usize>at(p, 10);
  const ldc = <usize>at(p, 11);
  const adds = at(p, 12);
  if (M == 1 && N * K <= FEW) {
    row(N, K, a, transA ? lda << 2 : 4, b, transB ? 4 : ldb << 2, transB ? ldb << 2 : 4, c, adds);
    return;
  }
  gemm(transA != 0, transB != 0, M, N, K, a, lda, b, ldb, c, ldc, adds != 0, <usize>at(p, 13));
}

/** rows, n, x, target, index, weight, losses, loss, slope, mean, room */
function loss(p: usize): void {
  const rows = at(p, 1);
  const weight = <usize>at(p, 6);
  let divisor: f64 = 1;
  if (at(p, 10)) {
    divisor = rows;
    if (weight) {
      divisor = 0;
      for (let r: usize = 0; r < <usize>rows; r++) divisor += load<f32>(weight + (r << 2));
    }
  }
  const f: f32 = divisor == 0 ? 0 : <f32>(1 / divisor);
  const total = crossEntropy(
    rows,
    at(p, 2),
    at(p, 3),
    at(p, 4),
    at(p, 5),
    weight,
    at(p, 7),
    at(p, 9),
    f,
    at(p, 11),
    0,
  );
  if (at(p, 8)) store<f32>(at(p, 8), <f32>(total / divisor));
}

/** Instructions that write whole vectors; the first operand is the place behind what they are to write. */
@inline
function fill(p: usize): usize {
  switch (at(p, 0)) {
    case 3:
      unary(at(p, 2), at(p, 3), at(p, 4), at(p, 5));
      return p + 24;
    case 4:
      binary(at(p, 2), at(p, 3), at(p, 4), 16, at(p, 5), 16, at(p, 6));
      return p + 28;
    case 5:
      binary(at(p, 2), at(p, 3), at(p, 4), 16, spreadOf(at(p, 5)), 0, at(p, 6));
      return p + 28;
    case 6:
      binary(at(p, 2), at(p, 3), spreadOf(at(p, 4)), 0, at(p, 5), 16, at(p, 6));
      return p + 28;
    case 7:
      copy(at(p, 4), at(p, 6), at(p, 8));
      binaryRows(at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 8), at(p, 7));
      return p + 36;
    case 8:
      sumColumns(at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6));
      return p + 28;
    case 9:
      softmax(at(p, 2), at(p, 3), at(p, 4), at(p, 5));
      return p + 24;
    case 10:
      logSoftmax(at(p, 2), at(p, 3), at(p, 4), at(p, 5));
      return p + 24;
    case 11:
      softmaxGrad(at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6));
      return p + 28;
    case 12:
      logSoftmaxGrad(at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6));
      return p + 28;
    default:
      axpy(at(p, 2), load<f32>(p, 12), at(p, 4), at(p, 5));
      return p + 24;
  }
}

/** The last of them. */
const FILLS = 13;

/**
 * Carries out the instructions from p to `end`, or up to one that the host has to carry out.
 *
 * @returns where it stopped
 */
export function run(p: usize, end: usize): usize {
  while (p < end) {
    const code = at(p, 0);
    if (code > 2 && code <= FILLS) {
      const behind = at(p, 1);
      const kept = v128.load(behind);
      p = fill(p);
      v128.store(behind, kept);
      continue;
    }
    switch (code) {
      case 1:
        copy(at(p, 1), at(p, 2), at(p, 3));
        p += 16;
        break;
      case 2:
        zero(at(p, 1), at(p, 2));
        p += 12;
        break;
      case 14:
        product(p);
        p += 56;
        break;
      case 15:
        sumRows(at(p, 1), at(p, 2), at(p, 3), at(p, 4));
        p += 20;
        break;
      case 16:
        gather(at(p, 1), at(p, 2), at(p, 3), at(p, 4), at(p, 5));
        p += 24;
        break;
      case 17:
        scatterAddRows(at(p, 1), at(p, 2), at(p, 3), at(p, 4), at(p, 5));
        p += 24;
        break;
      case 18:
        loss(p);
        p += 48;
        break;
      case 19:
        affine(at(p, 1), at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6));
        p += 28;
        break;
      case 20:
        sumOuter(at(p, 1) != 0, at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6));
        p += 28;
        break;
      case 21: {
        const s = <usize>at(p, 7);
        adam(
          at(p, 1),
          at(p, 2),
          at(p, 3),
          at(p, 4),
          at(p, 5),
          at(p, 6),
          load<f32>(s),
          load<f32>(s, 4),
          load<f32>(s, 8),
          load<f32>(s, 12),
          load<f32>(s, 16),
          load<f32>(s, 20),
          load<f32>(s, 24),
          load<f32>(s, 28),
          load<f32>(s, 32),
        );
        p += 32;
        break;
      }
      case 22: {
        const s = <usize>at(p, 5);
        sgd(
          at(p, 1),
          at(p, 2),
          at(p, 3),
          at(p, 4),
          load<f32>(s),
          load<f32>(s, 4),
          load<f32>(s, 8),
          load<f32>(s, 12),
          load<f32>(s, 16) != 0,
          load<f32>(s, 20) != 0,
          load<f32>(s, 24),
        );
        p += 24;
        break;
      }
      case 23: {
        const s = <usize>at(p, 7);
        rmsprop(
          at(p, 1),
          at(p, 2),
          at(p, 3),
          at(p, 4),
          at(p, 5),
          at(p, 6),
          load<f32>(s),
          load<f32>(s, 4),
          load<f32>(s, 8),
          load<f32>(s, 12),
          load<f32>(s, 16),
          load<f32>(s, 20),
          load<f32>(s, 24),
        );
        p += 32;
        break;
      }
      case 24: {
        const s = <usize>at(p, 5);
        adagrad(at(p, 1), at(p, 2), at(p, 3), at(p, 4), load<f32>(s), load<f32>(s, 4), load<f32>(s, 8), load<f32>(s, 12));
        p += 24;
        break;
      }
      case 25:
        strided(p);
        p += 64;
        break;
      case 26:
        recurrentForward(at(p, 1));
        p += 8;
        break;
      case 27:
        recurrentBackward(at(p, 1));
        p += 8;
        break;
      case 28:
        cellSum(
          at(p, 1),
          at(p, 2),
          at(p, 3),
          at(p, 4),
          at(p, 5),
          at(p, 6),
          at(p, 7),
          at(p, 8),
          at(p, 9),
          at(p, 10),
        );
        p += 44;
        break;
      case 29:
        lstmStep(at(p, 1), at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6), at(p, 7));
        p += 32;
        break;
      case 30:
        lstmStepGrad(at(p, 1), at(p, 2), at(p, 3), at(p, 4), at(p, 5), at(p, 6), at(p, 7), at(p, 8));
        p += 36;
        break;
      case 31:
        crossEntropyEach(at(p, 1), at(p, 2), at(p, 3) != 0, at(p, 4), at(p, 5));
        p += 24;
        break;
      case 32:
        if (!load<i32>(at(p, 2))) packRecurrence(at(p, 1));
        store<i32>(at(p, 2), 1);
        p += 12;
        break;
      case 33:
        packRows(1, at(p, 1), at(p, 2), at(p, 3), at(p, 4));
        p += 20;
        break;
      case 34:
        packedRow(at(p, 1), at(p, 2), at(p, 3), at(p, 5), at(p, 6), at(p, 7) != 0);
        p += 32;
        break;
      default:
        return p;
    }
  }
  return p;
}
