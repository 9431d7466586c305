/**
 * The kernels as one WebAssembly module: every function works on addresses in a memory that the host brings.
 * What each computes stands in `src/kernels/contract.ts`. Arrays begin at multiples of 16 bytes.
 */
import { backwardLayout } from "./backward";
import { forwardLayout } from "./forward";
import { Recurrence } from "./recurrence";

export { cellSum, lstmStep, lstmStepGrad } from "./cell";
export { crossEntropy } from "./cross-entropy";
export { axpy, binary, binaryRows, unary } from "./elementwise";
export { gemm } from "./gemm";
export { adagrad, adam, rmsprop, sgd } from "./optim";
export { packRows, product, turn } from "./panels";
export { run } from "./program";
export { recurrentBackward } from "./backward";
export { packRecurrence, recurrentForward } from "./forward";
export { gruGates, gruGrads, lstmGates, lstmGrads, plainGates, plainGrads } from "./gates";
export { logSoftmax, logSoftmaxGrad, softmax, softmaxGrad } from "./rows";
export { scatterAddRows, sumColumns, sumRows } from "./rows";

/** The bytes of scratch that the recurrence at d wants, counted from an address that is a multiple of 16. */
export function recurrentRoom(d: usize, backward: bool): usize {
  const r = changetype<Recurrence>(d);
  return backward ? backwardLayout(r, 0) : forwardLayout(r, 0);
}

/** The first address behind the constants, where the host may begin to lay out arrays. */
export function freeFrom(): usize {
  return (__heap_base + 15) & ~15;
}
