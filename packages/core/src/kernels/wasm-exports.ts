/**
 * What the compiled kernels can do.
 *
 * @module
 */

/** Addresses are in bytes; what each function computes stands in `assembly/`. */
export interface WasmExports {
  freeFrom(): number;
  run(from: number, to: number): number;
  unary(f: number, n: number, x: number, y: number): void;
  binary(f: number, n: number, a: number, stepA: number, b: number, stepB: number, y: number): void;
  binaryRows(f: number, n: number, width: number, a: number, b: number, y: number): void;
  axpy(n: number, alpha: number, x: number, y: number): void;
  gemm(
    transA: number,
    transB: number,
    M: number,
    N: number,
    K: number,
    a: number,
    lda: number,
    b: number,
    ldb: number,
    c: number,
    ldc: number,
    accumulate: number,
    room: number,
  ): void;
  /** Packs W for {@link product}; `assembly/panels.ts` says how. */
  packRows(blocks: number, height: number, K: number, w: number, to: number): void;
  /** C = A·B with B packed; mode 2 adds. Distances between rows in bytes. */
  product(
    M: number,
    N: number,
    K: number,
    a: number,
    rowA: number,
    b: number,
    c: number,
    rowC: number,
    mode: number,
  ): void;
  sumRows(rows: number, n: number, x: number, y: number): void;
  sumColumns(outer: number, n: number, inner: number, x: number, y: number): void;
  softmax(rows: number, n: number, x: number, y: number): void;
  logSoftmax(rows: number, n: number, x: number, y: number): void;
  softmaxGrad(rows: number, n: number, g: number, y: number, dx: number): void;
  logSoftmaxGrad(rows: number, n: number, g: number, y: number, dx: number): void;
  crossEntropy(
    rows: number,
    n: number,
    x: number,
    target: number,
    index: number,
    weight: number,
    losses: number,
    slope: number,
    f: number,
    room: number,
    total: number,
  ): number;
  scatterAddRows(count: number, width: number, g: number, index: number, table: number): void;
  /**
   * Bytes of scratch that the recurrence written down at `at` wants, in the order of `assembly/recurrence.ts`. Of the addresses it only
   * matters which are 0.
   */
  recurrentRoom(at: number, backward: number): number;
  recurrentForward(at: number): void;
  /** Packs the weights of a recurrence to the place that it names; when it names none, the bytes that they take packed. */
  packRecurrence(at: number): number;
  recurrentBackward(at: number): void;
  cellSum(
    G: number,
    I: number,
    H: number,
    x: number,
    wIh: number,
    wHh: number,
    h: number,
    bIh: number,
    bHh: number,
    y: number,
  ): void;
  lstmStep(n: number, H: number, a: number, before: number, after: number, t: number, h: number): void;
  lstmStepGrad(
    n: number,
    H: number,
    dh: number,
    dc: number,
    before: number,
    gates: number,
    t: number,
    da: number,
  ): void;
  /** What happens between the products of one time step, for engines that have products of their own: `assembly/gates.ts`. */
  plainGates(relu: number, n: number, width: number, a: number, rowA: number, h: number, y: number, rowY: number): void;
  lstmGates(n: number, width: number, a: number, rowA: number, c: number, h: number, y: number, rowY: number): void;
  gruGates(n: number, width: number, a: number, rowA: number, h: number, y: number, rowY: number): void;
  plainGrads(
    relu: number,
    n: number,
    width: number,
    dy: number,
    rowDy: number,
    q: number,
    y: number,
    rowY: number,
    d: number,
    to: number,
    apart: number,
  ): void;
  lstmGrads(
    n: number,
    width: number,
    dy: number,
    rowDy: number,
    q: number,
    rowQ: number,
    dc: number,
    kept: number,
    d: number,
    to: number,
    apart: number,
    slot: number,
  ): void;
  gruGrads(
    n: number,
    width: number,
    dy: number,
    rowDy: number,
    q: number,
    direct: number,
    kept: number,
    before: number,
    rowBefore: number,
    d: number,
    to: number,
    apart: number,
    slot: number,
  ): void;
  turn(K: number, rows: number, from: number, to: number): void;
  adam(
    n: number,
    p: number,
    g: number,
    m: number,
    v: number,
    vmax: number,
    rest1: number,
    beta2: number,
    rest2: number,
    eps: number,
    step: number,
    root: number,
    decay: number,
    shrink: number,
    sign: number,
  ): void;
  sgd(
    n: number,
    p: number,
    g: number,
    buf: number,
    step: number,
    momentum: number,
    rest: number,
    decay: number,
    nesterov: number,
    firstStep: number,
    sign: number,
  ): void;
  rmsprop(
    n: number,
    p: number,
    g: number,
    square: number,
    mean: number,
    buf: number,
    step: number,
    alpha: number,
    rest: number,
    eps: number,
    decay: number,
    momentum: number,
    sign: number,
  ): void;
  adagrad(n: number, p: number, g: number, sum: number, step: number, eps: number, decay: number, sign: number): void;
}
