/** Stores where less than a vector's room may be left. */

/** The first `count` elements of v, at most all four. */
@inline
export function put(count: i32, v: v128, to: usize): void {
  if (count >= 4) {
    v128.store(to, v);
    return;
  }
  v128.store_lane<f32>(to, v, 0);
  if (count > 1) v128.store_lane<f32>(to, v, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, v, 2, 8);
}
