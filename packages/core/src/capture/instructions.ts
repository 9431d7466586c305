/**
 * Instructions of captured functions, and carrying them out. An instruction is its number, then operands: addresses in bytes, counts in
 * elements. The order of the numbers is that of the names.
 *
 * @module
 */
import type { Device } from "./device.js";

export const operations = {
  call: 0,
  copy: 1,
  zero: 2,
  unary: 3,
  binary: 4,
  binaryScalar: 5,
  binaryScalarLeft: 6,
  binaryRows: 7,
  gemm: 8,
  sumRows: 9,
  sumColumns: 10,
  softmax: 11,
  logSoftmax: 12,
  softmaxGrad: 13,
  logSoftmaxGrad: 14,
  gather: 15,
  scatter: 16,
  axpy: 17,
  fill: 18,
  packRows: 19,
  packColumns: 20,
  copyRows: 21,
  product: 22,
  forwardSteps: 23,
  backwardSteps: 24,
  sumPlain: 25,
} as const;

/** Bits of a float32 number as an operand, and back. */
const bits = new Int32Array(1);
const number = new Float32Array(bits.buffer);

export function bitsOf(value: number): number {
  number[0] = value;
  return bits[0] as number;
}

function numberOf(operand: number): number {
  bits[0] = operand;
  return number[0] as number;
}

/** Carries out the instructions from one place of the device's code to another. */
export function execute(device: Device, from: number, to: number): void {
  const { code, exports } = device;
  const at = (i: number): number => code[i] as number;
  let p = from;
  while (p < to) {
    switch (code[p]) {
      case operations.call:
        (device.calls[at(p + 1)] as () => void)();
        p += 2;
        break;
      case operations.copy: {
        const [n, a, b] = [at(p + 1), at(p + 2) >> 2, at(p + 3) >> 2];
        const { floats } = device;
        if (n <= 16) for (let i = 0; i < n; i++) floats[b + i] = floats[a + i] as number;
        else floats.copyWithin(b, a, a + n);
        p += 4;
        break;
      }
      case operations.zero: {
        const [n, a] = [at(p + 1), at(p + 2) >> 2];
        const { floats } = device;
        if (n <= 16) for (let i = 0; i < n; i++) floats[a + i] = 0;
        else floats.fill(0, a, a + n);
        p += 3;
        break;
      }
      case operations.fill:
        device.floats.fill(numberOf(at(p + 3)), at(p + 2) >> 2, (at(p + 2) >> 2) + at(p + 1));
        p += 4;
        break;
      case operations.unary:
        exports.unary(at(p + 1), at(p + 2), at(p + 3), at(p + 4));
        p += 5;
        break;
      case operations.binary:
        exports.binary(at(p + 1), at(p + 2), at(p + 3), 16, at(p + 4), 16, at(p + 5));
        p += 6;
        break;
      case operations.binaryScalar: {
        const scratch = at(p + 6);
        spread(device.floats, at(p + 4), scratch);
        exports.binary(at(p + 1), at(p + 2), at(p + 3), 16, scratch, 0, at(p + 5));
        p += 7;
        break;
      }
      case operations.binaryScalarLeft: {
        const scratch = at(p + 6);
        spread(device.floats, at(p + 3), scratch);
        exports.binary(at(p + 1), at(p + 2), scratch, 0, at(p + 4), 16, at(p + 5));
        p += 7;
        break;
      }
      case operations.binaryRows: {
        const [row, width, scratch] = [at(p + 5) >> 2, at(p + 3), at(p + 7)];
        device.floats.copyWithin(scratch >> 2, row, row + width);
        exports.binaryRows(at(p + 1), at(p + 2), width, at(p + 4), scratch, at(p + 6));
        p += 8;
        break;
      }
      case operations.gemm:
        exports.gemm(
          at(p + 1),
          at(p + 2),
          at(p + 3),
          at(p + 4),
          at(p + 5),
          at(p + 6),
          at(p + 7),
          at(p + 8),
          at(p + 9),
          at(p + 10),
          at(p + 11),
          at(p + 12),
          at(p + 13),
        );
        p += 14;
        break;
      case operations.sumRows:
        exports.sumRows(at(p + 1), at(p + 2), at(p + 3), at(p + 4));
        p += 5;
        break;
      case operations.sumColumns:
        exports.sumColumns(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5));
        p += 6;
        break;
      case operations.sumPlain: {
        // A sum of one: zeros come out positive.
        const [n, a, b] = [at(p + 1), at(p + 2) >> 2, at(p + 3) >> 2];
        const { floats } = device;
        for (let i = 0; i < n; i++) floats[b + i] = (floats[a + i] as number) + 0;
        p += 4;
        break;
      }
      case operations.softmax:
        exports.softmax(at(p + 1), at(p + 2), at(p + 3), at(p + 4));
        p += 5;
        break;
      case operations.logSoftmax:
        exports.logSoftmax(at(p + 1), at(p + 2), at(p + 3), at(p + 4));
        p += 5;
        break;
      case operations.softmaxGrad:
        exports.softmaxGrad(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5));
        p += 6;
        break;
      case operations.logSoftmaxGrad:
        exports.logSoftmaxGrad(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5));
        p += 6;
        break;
      case operations.gather: {
        const [count, width, table, index, out] = [
          at(p + 1),
          at(p + 2),
          at(p + 3) >> 2,
          at(p + 4) >> 2,
          at(p + 5) >> 2,
        ];
        const { floats, ints } = device;
        for (let i = 0; i < count; i++) {
          const row = table + (ints[index + i] as number) * width;
          floats.copyWithin(out + i * width, row, row + width);
        }
        p += 6;
        break;
      }
      case operations.scatter:
        exports.scatterAddRows(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5));
        p += 6;
        break;
      case operations.axpy:
        exports.axpy(at(p + 1), numberOf(at(p + 2)), at(p + 3), at(p + 4));
        p += 5;
        break;
      case operations.packRows:
        exports.packRows(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5));
        p += 6;
        break;
      case operations.packColumns:
        exports.packColumns(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5));
        p += 6;
        break;
      case operations.copyRows:
        exports.copyRows(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5), at(p + 6));
        p += 7;
        break;
      case operations.product:
        exports.product(at(p + 1), at(p + 2), at(p + 3), at(p + 4), at(p + 5), at(p + 6), at(p + 7), at(p + 8));
        p += 9;
        break;
      case operations.forwardSteps:
        (exports.forwardSteps as Call)(...code.subarray(p + 1, p + 21));
        p += 21;
        break;
      case operations.backwardSteps:
        (exports.backwardSteps as Call)(...code.subarray(p + 1, p + 20));
        p += 20;
        break;
      default:
        throw new RangeError(`capture: unknown instruction ${code[p]} at ${p}`);
    }
  }
}

type Call = (...operands: readonly number[]) => void;

function spread(floats: Float32Array, from: number, to: number): void {
  const at = to >> 2;
  const value = floats[from >> 2] as number;
  floats[at] = floats[at + 1] = floats[at + 2] = floats[at + 3] = value;
}
