/** Cross-entropies of single rows that stand in different places, brought together. */
import { crossEntropy } from "./cross-entropy";

/** Rows that are brought together at a time. */
const ROWS = 32;

@inline
function copy(size: usize, from: usize, to: usize): void {
  for (let j: usize = 0; j < size; j += 4) store<f32>(to + j, load<f32>(from + j));
}

/**
 * Rows of n logits, without weights. `list`: for each row the addresses of its logits, its target or 0, its class or 0, its loss, and its
 * slope or 0; what one row has, all have. With `sums` a loss is a sum over one row, 0 + it. `room`: 96·n + 64 elements, and those of
 * `crossEntropy`.
 */
export function crossEntropyEach(count: i32, n: i32, sums: bool, list: usize, room: usize): void {
  const size = <usize>n << 2;
  const block = size * ROWS;
  const x = room;
  const target = x + block;
  const slope = target + block;
  const index = slope + block;
  const loss = index + 4 * ROWS;
  const more = loss + 4 * ROWS;
  const hasTarget = load<u32>(list, 4) != 0;
  const hasSlope = load<u32>(list, 16) != 0;
  const zero: f32 = sums ? 0 : -0.0;
  while (count > 0) {
    const rows = min(count, ROWS);
    let p = list;
    for (let r: usize = 0; r < <usize>rows; r++, p += 20) {
      copy(size, load<u32>(p), x + r * size);
      if (hasTarget) copy(size, load<u32>(p, 4), target + r * size);
      else store<i32>(index + (r << 2), load<i32>(load<u32>(p, 8)));
    }
    crossEntropy(rows, n, x, hasTarget ? target : 0, hasTarget ? 0 : index, 0, loss, hasSlope ? slope : 0, 1, more, 0);
    for (let r: usize = 0; r < <usize>rows; r++, list += 20) {
      store<f32>(load<u32>(list, 12), load<f32>(loss + (r << 2)) + zero);
      if (hasSlope) copy(size, slope + r * size, load<u32>(list, 16));
    }
    count -= rows;
  }
}
