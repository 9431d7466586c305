/**
 * Matrix products by the system's BLAS. Importing this package makes engine "native" known to Unroll:
 *
 * ```ts
 * import "@unroll/native";
 * import { setEngine } from "@unroll/core";
 * setEngine("native");           // looks for a BLAS now, and throws a BlasError when there is none
 * ```
 *
 * @module
 */
import { engineKernels, registerEngine } from "@unroll/core/engine";
import { type BlasInfo, type BlasOptions, openBlas } from "./blas.js";
import { nativeKernels } from "./engine.js";

export type { BlasInfo, BlasOptions } from "./blas.js";
export { BlasError } from "./errors.js";

let inUse: BlasInfo | null = null;

/**
 * Opens a BLAS for engine "native". Not needed when the defaults will do; call it before `setEngine("native")`, because
 * an engine that is in use stays as it is.
 *
 * @returns what was opened
 * @throws BlasError when there is no BLAS, or none of that name, with what was tried and how to install one
 * @throws OptionError for unknown options and thread counts that are not whole numbers from 1
 */
export function useBlas(options: BlasOptions = {}): BlasInfo {
  const blas = openBlas(options);
  registerEngine("native", nativeKernels(blas));
  inUse = { library: blas.library, version: blas.version, threads: blas.threads };
  return inUse;
}

/**
 * The BLAS behind engine "native", opened now if it has not been.
 *
 * @throws BlasError, OptionError as {@link useBlas}
 */
export function blasInfo(): BlasInfo {
  return inUse ?? useBlas();
}

registerEngine("native", () => {
  useBlas();
  return engineKernels("native");
});
