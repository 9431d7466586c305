/**
 * Programs of `../program.ts` for four networks at once. Where one network has a number, four have a vector: an array at address p of
 * the one stands at `base` + 4·p, and everything that goes element by element goes through the same kernels, over four times as many.
 * Only the instructions are read where they are.
 */
import { lstmStep, lstmStepGrad } from "../cell";
import { axpy, binary, unary } from "../elementwise";
import { one } from "../math";
import { adagrad, adam, rmsprop, sgd } from "../optim";
import { crossEntropy } from "./cross-entropy";
import { affine, cellSum, gemm, gemmOnto, sumOuter } from "./products";
import { recurrentBackward, recurrentForward } from "./recurrent";
import {
  binaryRows,
  logSoftmax,
  logSoftmaxGrad,
  softmax,
  softmaxGrad,
  sumColumns,
  sumRows,
} from "./rows";

/** The first address behind the constants. */
export function freeFrom(): usize {
  return (__heap_base + 15) & ~15;
}

let base: usize = 0;

@inline
function at(p: usize, i: i32): i32 {
  return load<i32>(p + (<usize>i << 2));
}

/** The place of the array that an operand names; 0 stays 0. */
@inline
function place(p: usize, i: i32): usize {
  const address = <usize>at(p, i);
  return address ? base + (address << 2) : 0;
}

@inline
function scalar(s: usize, i: i32): f32 {
  return load<f32>(s + (<usize>i << 4));
}

function copy(n: i32, from: usize, to: usize): void {
  for (const end = from + (<usize>n << 4); from < end; from += 16, to += 16) v128.store(to, v128.load(from));
}

/** Copies the arrays of a list of addresses and lengths from where they stand one after the other to where they are worked with, or back. */
export function exchange(list: usize, end: usize, store: usize, base: usize, back: bool): void {
  for (; list < end; list += 8) {
    const n = load<i32>(list, 4);
    const place = base + (<usize>load<u32>(list) << 2);
    copy(n, back ? place : store, back ? store : place);
    store += <usize>n << 4;
  }
}

/** As in `../program.ts`. */
function strided(p: usize): void {
  const adds = at(p, 1);
  const stepX = at(p, 14) << 4;
  const stepY = at(p, 15) << 4;
  for (let a = 0; a < at(p, 4); a++) {
    for (let b = 0; b < at(p, 7); b++) {
      for (let c = 0; c < at(p, 10); c++) {
        let x: usize = place(p, 2) + ((a * at(p, 5) + b * at(p, 8) + c * at(p, 11)) << 4);
        let y: usize = place(p, 3) + ((a * at(p, 6) + b * at(p, 9) + c * at(p, 12)) << 4);
        for (let d = at(p, 13); d > 0; d--, x += stepX, y += stepY)
          v128.store(y, adds ? f32x4.add(v128.load(y), v128.load(x)) : v128.load(x));
      }
    }
  }
}

/** A place that a list of addresses names. */
@inline
function listed(list: usize, i: i32): usize {
  const address = <usize>load<u32>(list + (<usize>i << 4));
  return address ? base + (address << 2) : 0;
}

/** As in `../losses.ts`, one row after the other. */
function crossEntropyEach(p: usize): void {
  const sums = at(p, 3) != 0;
  let list = place(p, 4);
  for (let left = at(p, 1); left > 0; left--, list += 80) {
    const loss = listed(list, 3);
    const one: usize = sums ? 0 : loss;
    const all: usize = sums ? loss : 0;
    crossEntropy(1, at(p, 2), listed(list, 0), listed(list, 1), listed(list, 2), 0, one, all, listed(list, 4), false, place(p, 5));
  }
}

/** Numbers of the sum and the product among binary functions; a product with a gradient of 1, as that of a loss is, is a copy. */
const PLUS = 0;
const TIMES = 2;

/**
 * Carries out the instructions from p to `end` for the networks at `to` and those that are `apart` from them, if that is not 0; returns
 * where it stopped, as `run` in `../program.ts`.
 */
export function run(p: usize, end: usize, to: usize, apart: usize): usize {
  while (p < end) {
    base = to;
    const instruction = at(p, 0);
    if (instruction == 26 || instruction == 27) {
      if (instruction == 26) recurrentForward(place(p, 1), to, apart);
      else recurrentBackward(place(p, 1), to, apart);
      p += 8;
      continue;
    }
    const next = carryOut(p, end);
    if (next == p) return p;
    if (apart) {
      base += apart;
      carryOut(p, end);
    }
    p = next;
  }
  return p;
}

/** The row that the instruction behind a product adds to each row of it in its place; 0 when it does something else. */
function biasBehind(p: usize, end: usize): usize {
  const next = p + 56;
  if (next >= end || at(next, 0) != 7 || at(next, 2) != PLUS) return 0;
  const c = at(p, 10);
  const fits = at(next, 4) == at(p, 4) && at(p, 11) == at(p, 4) && at(next, 3) == at(p, 3) * at(p, 4);
  return fits && at(next, 5) == c && at(next, 7) == c ? place(next, 6) : 0;
}

/**
 * Carries out one instruction at `base`, or a product and the bias behind it; returns where the next one stands, or p when it cannot be
 * carried out here.
 */
function carryOut(p: usize, end: usize): usize {
  switch (at(p, 0)) {
    case 1:
      copy(at(p, 1), place(p, 2), place(p, 3));
      p += 16;
      break;
    case 2:
      memory.fill(place(p, 2), 0, <usize>at(p, 1) << 4);
      p += 12;
      break;
    case 3:
      unary(at(p, 2), at(p, 3) << 2, place(p, 4), place(p, 5));
      p += 24;
      break;
    case 4:
      binary(at(p, 2), at(p, 3) << 2, place(p, 4), 16, place(p, 5), 16, place(p, 6));
      p += 28;
      break;
    case 5:
      if (at(p, 2) == TIMES && i32x4.all_true(f32x4.eq(v128.load(place(p, 5)), one()))) copy(at(p, 3), place(p, 4), place(p, 6));
      else binary(at(p, 2), at(p, 3) << 2, place(p, 4), 16, place(p, 5), 0, place(p, 6));
      p += 28;
      break;
    case 6:
      binary(at(p, 2), at(p, 3) << 2, place(p, 4), 0, place(p, 5), 16, place(p, 6));
      p += 28;
      break;
    case 7:
      binaryRows(at(p, 2), at(p, 3), at(p, 4), place(p, 5), place(p, 6), place(p, 7), place(p, 8));
      p += 36;
      break;
    case 8:
      sumColumns(at(p, 2), at(p, 3), at(p, 4), place(p, 5), place(p, 6));
      p += 28;
      break;
    case 9:
      softmax(at(p, 2), at(p, 3), place(p, 4), place(p, 5));
      p += 24;
      break;
    case 10:
      logSoftmax(at(p, 2), at(p, 3), place(p, 4), place(p, 5));
      p += 24;
      break;
    case 11:
      softmaxGrad(at(p, 2), at(p, 3), place(p, 4), place(p, 5), place(p, 6));
      p += 28;
      break;
    case 12:
      logSoftmaxGrad(at(p, 2), at(p, 3), place(p, 4), place(p, 5), place(p, 6));
      p += 28;
      break;
    case 13:
      axpy(at(p, 2) << 2, load<f32>(p, 12), place(p, 4), place(p, 5));
      p += 24;
      break;
    case 14: {
      const adds = at(p, 12) != 0;
      const bias: usize = adds ? 0 : biasBehind(p, end);
      gemmOnto(
        at(p, 1) != 0,
        at(p, 2) != 0,
        at(p, 3),
        at(p, 4),
        at(p, 5),
        place(p, 6),
        at(p, 7),
        place(p, 8),
        at(p, 9),
        place(p, 10),
        at(p, 11),
        adds || bias != 0,
        bias ? bias : place(p, 10),
        bias ? 0 : at(p, 11),
      );
      p += bias ? 56 + 36 : 56;
      break;
    }
    case 15:
      sumRows(at(p, 1), at(p, 2), place(p, 3), place(p, 4));
      p += 20;
      break;
    case 16: {
      const width = at(p, 2);
      const index = place(p, 4);
      for (let i = 0; i < at(p, 1); i++) {
        const row = load<i32>(index + (<usize>i << 4)) * width;
        copy(width, place(p, 3) + (<usize>row << 4), place(p, 5) + (<usize>(i * width) << 4));
      }
      p += 24;
      break;
    }
    case 17: {
      const width = at(p, 2);
      const index = place(p, 4);
      for (let i = 0; i < at(p, 1); i++) {
        const row = place(p, 5) + (<usize>(load<i32>(index + (<usize>i << 4)) * width) << 4);
        binary(0, width << 2, row, 16, place(p, 3) + (<usize>(i * width) << 4), 16, row);
      }
      p += 24;
      break;
    }
    case 18:
      crossEntropy(
        at(p, 1),
        at(p, 2),
        place(p, 3),
        place(p, 4),
        place(p, 5),
        place(p, 6),
        place(p, 7),
        place(p, 8),
        place(p, 9),
        at(p, 10) != 0,
        place(p, 11),
      );
      p += 48;
      break;
    case 19:
      affine(at(p, 1), at(p, 2), place(p, 3), place(p, 4), place(p, 5), place(p, 6));
      p += 28;
      break;
    case 20:
      sumOuter(at(p, 1) != 0, at(p, 2), at(p, 3), at(p, 4), place(p, 5), place(p, 6), base);
      p += 28;
      break;
    case 21: {
      const s = place(p, 7);
      adam(
        at(p, 1) << 2,
        place(p, 2),
        place(p, 3),
        place(p, 4),
        place(p, 5),
        place(p, 6),
        scalar(s, 0),
        scalar(s, 1),
        scalar(s, 2),
        scalar(s, 3),
        scalar(s, 4),
        scalar(s, 5),
        scalar(s, 6),
        scalar(s, 7),
        scalar(s, 8),
      );
      p += 32;
      break;
    }
    case 22: {
      const s = place(p, 5);
      sgd(
        at(p, 1) << 2,
        place(p, 2),
        place(p, 3),
        place(p, 4),
        scalar(s, 0),
        scalar(s, 1),
        scalar(s, 2),
        scalar(s, 3),
        scalar(s, 4) != 0,
        scalar(s, 5) != 0,
        scalar(s, 6),
      );
      p += 24;
      break;
    }
    case 23: {
      const s = place(p, 7);
      rmsprop(
        at(p, 1) << 2,
        place(p, 2),
        place(p, 3),
        place(p, 4),
        place(p, 5),
        place(p, 6),
        scalar(s, 0),
        scalar(s, 1),
        scalar(s, 2),
        scalar(s, 3),
        scalar(s, 4),
        scalar(s, 5),
        scalar(s, 6),
      );
      p += 32;
      break;
    }
    case 24: {
      const s = place(p, 5);
      adagrad(
        at(p, 1) << 2,
        place(p, 2),
        place(p, 3),
        place(p, 4),
        scalar(s, 0),
        scalar(s, 1),
        scalar(s, 2),
        scalar(s, 3),
      );
      p += 24;
      break;
    }
    case 25:
      strided(p);
      p += 64;
      break;
    case 28:
      cellSum(
        at(p, 1),
        at(p, 2),
        at(p, 3),
        place(p, 4),
        place(p, 5),
        place(p, 6),
        place(p, 7),
        place(p, 8),
        place(p, 9),
        place(p, 10),
      );
      p += 44;
      break;
    case 29:
      lstmStep(at(p, 1), at(p, 2) << 2, place(p, 3), place(p, 4), place(p, 5), place(p, 6), place(p, 7));
      p += 32;
      break;
    case 30:
      lstmStepGrad(
        at(p, 1),
        at(p, 2) << 2,
        place(p, 3),
        place(p, 4),
        place(p, 5),
        place(p, 6),
        place(p, 7),
        place(p, 8),
      );
      p += 36;
      break;
    case 31:
      crossEntropyEach(p);
      p += 24;
      break;
    case 32:
      p += 12;
      break;
    case 33:
      p += 20;
      break;
    case 34: {
      const K = at(p, 2);
      gemm(false, true, 1, at(p, 1), K, place(p, 3), K, place(p, 4), K, place(p, 6), 0, at(p, 7) != 0);
      p += 32;
      break;
    }
    default:
      return p;
  }
  return p;
}
