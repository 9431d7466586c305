import type { FloatDType } from "../dtype.js";
import { checkLimit } from "../errors.js";
import { logAccurate, sinCosAccurate } from "../math/accurate.js";
import { fma } from "../math/double-double.js";
import { log1p } from "../math/float64.js";
import type { Generator } from "./generator.js";
import { boxMuller32 } from "./normal-float32.js";
import { fillUniform } from "./uniform.js";

/**
 * Fills with normals of the given mean and standard deviation, `Tensor.normal_`.
 *
 * Like PyTorch it has two ways. Fewer than 16 elements, or elements that do not lie densely in memory (`contiguous` false):
 * one after another by {@link nextNormal}, in float64, whose second half of a pair waits in the generator for
 * the next call. Otherwise: uniforms of the dtype everywhere, then Box and Muller's method on blocks of 16, the
 * first eight of a block being lengths and the last eight angles; a last block that is not full is drawn anew
 * over the last 16 elements.
 *
 * float32 gives PyTorch's bits (as built for x86-64 with AVX2, that is every Linux wheel). In float64 about two elements in
 * a thousand differ in the last bits, because C libraries round their logarithms and sines now and then the wrong way.
 *
 * @throws OptionError unless std ≥ 0
 */
export function fillNormal(
  dtype: FloatDType,
  out: Float32Array | Float64Array,
  mean: number,
  std: number,
  g: Generator,
  contiguous = true,
): void {
  checkLimit("normal", "std", std);
  if (out.length < 16 || !contiguous) {
    for (let i = 0; i < out.length; i++) out[i] = fma(nextNormal(g), std, mean);
    return;
  }
  fillUniform(dtype, out, 0, 1, g);
  const transform = dtype === "float32" ? boxMuller32 : boxMuller64;
  let start = 0;
  for (; start <= out.length - 16; start += 16) transform(out, start, mean, std);
  if (start === out.length) return;
  start = out.length - 16;
  fillUniform(dtype, out.subarray(start), 0, 1, g);
  transform(out, start, mean, std);
}

/**
 * A standard normal by Box and Muller's method: r·cos θ and, on the next call, r·sin θ, where
 * r = √(−2·log(1 − u₂)) and θ = 2π·u₁; takes four words every other call.
 */
function nextNormal(g: Generator): number {
  const cached = g.cachedNormal;
  if (cached !== undefined) {
    g.cachedNormal = undefined;
    return cached;
  }
  const theta = 2 * Math.PI * g.uniform53();
  const r = Math.sqrt(-2 * log1p(-g.uniform53()));
  const [sine, cosine] = sinCosAccurate(theta);
  g.cachedNormal = r * sine;
  return r * cosine;
}

/** Turns 16 uniforms into 16 normals. */
function boxMuller64(out: Float32Array | Float64Array, start: number, mean: number, std: number): void {
  for (let j = start; j < start + 8; j++) {
    const r = Math.sqrt(-2 * logAccurate(1 - (out[j] as number)));
    const [sine, cosine] = sinCosAccurate(2 * Math.PI * (out[j + 8] as number));
    out[j] = fma(r * cosine, std, mean);
    out[j + 8] = fma(r * sine, std, mean);
  }
}
