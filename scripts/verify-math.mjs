/**
 * Checks exp, log, tanh and sigmoid of float32 on all 2^32 inputs: runs them through the WebAssembly kernels, compares
 * with float64 values and fails when an error is larger than stated. Compares the bits with those of the TypeScript
 * definition on a part of the inputs. Takes some minutes a function; needs a build.
 *
 *   npm run verify:math              all four
 *   npm run verify:math -- tanh log  some
 */

import { createWasmKernels } from "../packages/core/dist/kernels/wasm.js";
import { openMachine } from "../packages/core/dist/kernels/wasm-machine.js";
import * as float32 from "../packages/core/dist/math/float32.js";

/** The largest errors that `math/float32.ts` and the tests state, in ulp, and true values good to float64. */
const functions = {
  exp: { definition: float32.exp, bound: 1.02, truth: Math.exp },
  log: { definition: float32.log, bound: 0.514, truth: Math.log },
  tanh: { definition: float32.tanh, bound: 2.01, truth: Math.tanh },
  sigmoid: {
    definition: float32.sigmoid,
    bound: 2.41,
    truth: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  },
};

const CHUNK = 1 << 20;
const CHUNKS = 2 ** 32 / CHUNK;
/** Every so many chunks, the bits are compared with TypeScript's. */
const COMPARED = 64;

const BEYOND = 2 ** 128;
const spacings = Float64Array.from({ length: 255 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 127 - 23));
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Distance in spacings of float32 at the true value; an infinite result counts as 2^128. */
function ulps(y, truth) {
  const size = Math.min(Math.abs(truth), BEYOND);
  float[0] = size;
  // Rounding may have carried into the next binade, where numbers lie twice as far apart.
  const at = size >= BEYOND || float[0] === Infinity ? 254 : bits[0] >> 23;
  const exponent = float[0] > size && (bits[0] & 0x7fffff) === 0 ? at - 1 : at;
  const signed = truth < 0 ? -size : size;
  const held = y > BEYOND ? BEYOND : y < -BEYOND ? -BEYOND : y;
  return Math.abs(held - signed) / spacings[exponent < 0 ? 0 : exponent];
}

function verify(name) {
  const { definition, bound, truth } = functions[name];
  const kernels = createWasmKernels({ light: 0, heavy: 0, gemm: 0, sum: 0, softmax: 0, update: 0, scatter: 0 });
  const inputBits = new Int32Array(CHUNK);
  const x = new Float32Array(inputBits.buffer);
  const y = new Float32Array(CHUNK);
  let largest = 0;
  let worst = NaN;
  let above = 0;
  let wrong = 0;
  let compared = 0;
  let different = 0;
  const started = performance.now();
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    for (let i = 0; i < CHUNK; i++) inputBits[i] = (chunk * CHUNK + i) | 0;
    kernels.unary(name, CHUNK, x, 0, y, 0);
    for (let i = 0; i < CHUNK; i++) {
      const t = truth(x[i]);
      const result = y[i];
      if (result === t) continue;
      if (Number.isNaN(t) || Number.isNaN(result)) {
        if (!(Number.isNaN(t) && Number.isNaN(result)) && wrong++ < 5) {
          console.error(`\n${name}(${x[i]}) = ${result}, expected ${t}`);
        }
        continue;
      }
      const error = ulps(result, t);
      if (error > 0.5) above++;
      if (!(error <= largest)) {
        largest = error;
        worst = x[i];
      }
    }
    if (chunk % COMPARED === 0) {
      for (let i = 0; i < CHUNK; i++) {
        float[0] = definition(x[i]);
        const same = Object.is(float[0], y[i]);
        if (!same && different++ < 5) console.error(`\n${name}(${x[i]}): WebAssembly ${y[i]}, TypeScript ${float[0]}`);
      }
      compared += CHUNK;
    }
    if (process.stderr.isTTY && chunk % 16 === 0) {
      process.stderr.write(
        `\r${name} ${((100 * chunk) / CHUNKS).toFixed(0)} %, largest error ${largest.toFixed(4)} ulp `,
      );
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const ok = largest <= bound && wrong === 0 && different === 0;
  console.log(
    `${name}: largest error ${largest.toFixed(4)} ulp at ${worst} (stated ${bound}), ` +
      `${((100 * above) / 2 ** 32).toFixed(3)} % not rounded to the nearest, ${wrong} wrong NaNs; ` +
      `${different} of ${compared} differ from TypeScript; ${((performance.now() - started) / 1000).toFixed(0)} s` +
      `${ok ? "" : "  FAILED"}`,
  );
  return ok;
}

if (openMachine(0) === null) {
  console.error("verify-math: this Node has no WebAssembly with SIMD, so there is nothing to verify");
  process.exit(1);
}
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(functions);
const unknown = names.filter((name) => !(name in functions));
if (unknown.length > 0) {
  console.error(`verify-math: expected names out of ${Object.keys(functions).join(", ")}, got ${unknown.join(", ")}`);
  process.exit(1);
}
process.exit(names.map(verify).every(Boolean) ? 0 : 1);
