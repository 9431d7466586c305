/** Products of a column and a row. */

/**
 * C (M×N) = or += a·b: `rowA` bytes from one element of a to the next, `columnB` of b, `rowC` from one row of C to the next. A chain of
 * products starts from 0, which makes 0 of −0.
 */
export function outer(
  M: i32,
  N: i32,
  a: usize,
  rowA: usize,
  b: usize,
  columnB: usize,
  c: usize,
  rowC: usize,
  adds: bool,
): void {
  const whole = columnB == 4 ? <usize>(N & ~3) << 2 : 0;
  const size = <usize>N << 2;
  const zero = f32x4.splat(0);
  for (; M > 0; M--, a += rowA, c += rowC) {
    const x = v128.load_splat<f32>(a);
    for (let j: usize = 0; j < whole; j += 16) {
      const s = f32x4.add(f32x4.mul(x, v128.load(b + j)), zero);
      v128.store(c + j, adds ? f32x4.add(v128.load(c + j), s) : s);
    }
    const first = load<f32>(a);
    let q = b + whole;
    for (let j = whole; j < size; j += 4, q += columnB) {
      const s = first * load<f32>(q) + 0;
      store<f32>(c + j, adds ? load<f32>(c + j) + s : s);
    }
  }
}
