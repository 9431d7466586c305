/**
 * The kernels as one WebAssembly module: every function works on addresses in a memory that the host brings.
 * What each computes stands in `src/kernels/contract.ts`. Arrays begin at multiples of 16 bytes.
 */
export { crossEntropy } from "./cross-entropy";
export { axpy, binary, binaryRows, unary } from "./elementwise";
export { gemm } from "./gemm";
export { adagrad, adam, rmsprop, sgd } from "./optim";
export { run } from "./program";
export { copyRows, packColumns, packRows, product } from "./panels";
export { backwardSteps, forwardSteps } from "./recurrent";
export { logSoftmax, logSoftmaxGrad, softmax, softmaxGrad } from "./rows";
export { scatterAddRows, sumColumns, sumFrom, sumInto, sumRows } from "./rows";

/** The first address behind the constants, where the host may begin to lay out arrays. */
export function freeFrom(): usize {
  return (__heap_base + 15) & ~15;
}
