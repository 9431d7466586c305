/**
 * Engine "relaxed": the default engine's kernels with fused multiply-add, where the runtime has WebAssembly's relaxed SIMD. Products
 * are a fifth to a third faster. An element of K products in float32 lies within (K + 2)·2⁻²⁴·(Σ|a·b| + |c|) of the true value, c being
 * what it is added to, as the default engine's does, but its last bits depend on the processor.
 *
 * @module
 */
import { OptionError } from "../errors.js";
import { bytesFromText } from "./bytes-as-text.js";
import type { Kernels } from "./contract.js";
import { wasmKernels } from "./wasm.js";
import { wasmText } from "./wasm-bytes.generated.js";
import { compileBytes, exchangeHost, type Host } from "./wasm-machine.js";

/**
 * Writes every `a, b, f32x4.mul, local.get s, f32x4.add` as `a, b, nop, nop, nop, local.get s, f32x4.relaxed_madd`, which takes as many
 * bytes. Those of the three instructions in a row stand nowhere else in the module; a test makes sure.
 *
 * @returns where it has done so
 */
export function fuse(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let i = 0; i + 7 < bytes.length; i++) {
    if (![0xfd, 0xe6, 1, 0x20].every((byte, k) => bytes[i + k] === byte)) continue;
    if (![0xfd, 0xe4, 1].every((byte, k) => bytes[i + 5 + k] === byte)) continue;
    bytes.fill(1, i, i + 3);
    bytes[i + 6] = 0x85;
    bytes[i + 7] = 2;
    places.push(i);
  }
  return places;
}

/** @throws OptionError where the runtime has no relaxed SIMD, with what to do */
export function relaxedKernels(): Kernels {
  const bytes = bytesFromText(wasmText);
  fuse(bytes);
  const host: Host = { compiled: compileBytes(bytes) };
  if (host.compiled === undefined) {
    throw new OptionError(
      "Engine 'relaxed': expected a runtime with WebAssembly's relaxed SIMD, got one without. Use Node from 22 on, Node 20 with the " +
        "option --experimental-wasm-relaxed-simd, or a browser that has it; engine 'wasm' runs everywhere",
    );
  }
  const relaxed: Record<string, unknown> = {};
  for (const [name, kernel] of Object.entries(wasmKernels)) {
    relaxed[name] = (...args: unknown[]) => {
      const before = exchangeHost(host);
      try {
        return kernel(...args);
      } finally {
        exchangeHost(before);
      }
    };
  }
  return { ...relaxed, name: "relaxed" } as unknown as Kernels;
}
