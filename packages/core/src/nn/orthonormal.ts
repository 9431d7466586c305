/**
 * Q of A = QR for a row-major m×n matrix A with m ≥ n: m×n, orthonormal columns, R with a diagonal ≥ 0, so that Q is unique when
 * A has full rank. Householder's reflections (1958; Golub & Van Loan, Matrix Computations, §5.2), in float64.
 *
 * @returns a new row-major array
 */
export function orthonormalColumns(a: Float64Array, m: number, n: number): Float64Array {
  const r = a.slice();
  const reflections: { readonly v: Float64Array; readonly scale: number }[] = [];
  const signs: number[] = [];
  for (let k = 0; k < n; k++) {
    const v = new Float64Array(m);
    let squares = 0;
    for (let i = k; i < m; i++) {
      v[i] = r[i * n + k] as number;
      squares += (v[i] as number) * (v[i] as number);
    }
    // Adding the norm with the sign of the pivot avoids cancellation; R's diagonal entry is then its negative.
    const pivot = v[k] as number;
    const norm = Math.sqrt(squares);
    v[k] = pivot + (pivot < 0 ? -norm : norm);
    signs.push(pivot < 0 ? 1 : -1);
    const length = 2 * norm * (norm + Math.abs(pivot));
    const reflection = { v, scale: length === 0 ? 0 : 2 / length };
    reflections.push(reflection);
    reflect(r, n, reflection, k, m);
  }
  const q = new Float64Array(m * n);
  for (let k = 0; k < n; k++) q[k * n + k] = signs[k] as number;
  for (let k = n - 1; k >= 0; k--) reflect(q, n, reflections[k] as (typeof reflections)[number], k, m);
  return q;
}

/** x ← (1 − scale·v·vᵀ)·x for the rows from `first` on, column by column. */
function reflect(
  x: Float64Array,
  n: number,
  { v, scale }: { v: Float64Array; scale: number },
  first: number,
  m: number,
): void {
  for (let j = 0; j < n; j++) {
    let dot = 0;
    for (let i = first; i < m; i++) dot += (v[i] as number) * (x[i * n + j] as number);
    dot *= scale;
    for (let i = first; i < m; i++) x[i * n + j] = (x[i * n + j] as number) - dot * (v[i] as number);
  }
}
