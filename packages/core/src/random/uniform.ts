import type { FloatDType } from "../dtype.js";
import { describe, OptionError } from "../errors.js";
import { fma } from "../math/double-double.js";
import type { Generator } from "./generator.js";

/**
 * Fills with numbers from [from, to), `Tensor.uniform_`: from + (to − from)·u rounded once, where u is a multiple of
 * 2^−24 (float32, one word) or 2^−53 (float64, two words).
 *
 * @throws OptionError when from > to or the range is wider than the dtype's largest number
 */
export function fillUniform(
  dtype: FloatDType,
  out: Float32Array | Float64Array,
  from: number,
  to: number,
  g: Generator,
): void {
  const round = dtype === "float32" ? Math.fround : Number;
  const low = round(from);
  const width = round(round(to) - low);
  if (!(from <= to && Number.isFinite(low) && Number.isFinite(width))) {
    throw new OptionError(
      `uniform: expected from <= to for a range [from, to) that ${dtype} can hold, got from=${describe(from)} and to=${describe(to)}`,
    );
  }
  if (dtype === "float32") fill24(out, low, width, g);
  else fill53(out, low, width, g);
}

/** One word an element. In float64 u·width + low loses nothing, so rounding it to float32 is PyTorch's fused multiply-add. */
function fill24(out: Float32Array | Float64Array, low: number, width: number, { engine }: Generator): void {
  const step = width * 2 ** -24;
  const { words } = engine;
  for (let i = 0; i < out.length; ) {
    const count = Math.min(engine.available(), out.length - i);
    const start = engine.next;
    for (let k = 0; k < count; k++) {
      out[i + k] = Math.fround(((words[start + k] as number) & 0xffffff) * step + low);
    }
    engine.next += count;
    i += count;
  }
}

function fill53(out: Float32Array | Float64Array, low: number, width: number, g: Generator): void {
  if (low === 0) {
    for (let i = 0; i < out.length; i++) out[i] = g.uniform53() * width;
  } else {
    for (let i = 0; i < out.length; i++) out[i] = fma(g.uniform53(), width, low);
  }
}
