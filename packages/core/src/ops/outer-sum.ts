/**
 * A sum of products of a column and a row, as the gradient of a weight is in a loop over time steps: rows are gathered and multiplied
 * all at once. Each element is the chain it would be if every product were added when it comes.
 *
 * @module
 */
import { emptyArray, type NdArray, resultArray } from "../array.js";
import { allocate, type DType } from "../dtype.js";
import { type FloatArray, kernels } from "../kernels/index.js";

/** Rows that there is room for at first, and elements that are kept for the next time. */
const ROWS = 16;
const KEPT = 16384;

class Rows {
  data: FloatArray;

  constructor(
    private readonly dtype: DType,
    readonly width: number,
  ) {
    this.data = allocate(dtype, ROWS * width) as FloatArray;
  }

  put(row: number, x: FloatArray, xo: number): void {
    const { width } = this;
    const at = row * width;
    if (at + width > this.data.length) {
      const larger = allocate(this.dtype, 2 * this.data.length) as FloatArray;
      larger.set(this.data as never);
      this.data = larger;
    }
    const { data } = this;
    for (let i = 0; i < width; i++) data[at + i] = x[xo + i] as number;
  }

  shrink(): void {
    if (this.data.length > KEPT) this.data = allocate(this.dtype, ROWS * this.width) as FloatArray;
  }
}

export class OuterSum {
  private readonly left: Rows;
  /** Null for a sum of columns. */
  private readonly right: Rows | null;
  count = 0;

  /**
   * @param O length of the columns
   * @param I length of the rows; 0 stands for a single 1
   */
  constructor(
    private readonly dtype: DType,
    readonly O: number,
    readonly I: number,
  ) {
    this.left = new Rows(dtype, O);
    this.right = I === 0 ? null : new Rows(dtype, I);
  }

  add(g: FloatArray, go: number, x: FloatArray | null, xo: number): void {
    this.left.put(this.count, g, go);
    if (x !== null) this.right?.put(this.count, x, xo);
    this.count++;
  }

  /** The sum, row-major; it begins anew. */
  take(): NdArray {
    const { dtype, O, I, left, right, count } = this;
    const sum = resultArray(dtype, right === null ? [O] : [O, I]);
    const ones = right === null ? emptyArray(dtype, [count]).data.fill(1) : null;
    const x = (right?.data ?? ones) as FloatArray;
    const N = right === null ? 1 : I;
    kernels().gemm(true, false, O, N, count, left.data, 0, O, x, 0, N, sum.data as FloatArray, sum.offset, N, false);
    this.clear();
    return sum;
  }

  clear(): void {
    this.count = 0;
    this.left.shrink();
    this.right?.shrink();
  }
}
