/**
 * The door for engines: what a package needs that computes the kernels in its own way and makes itself known here.
 *
 * @module
 */
export {
  type AdamScalars,
  type BinaryMode,
  type BinaryName,
  type Engine,
  engineKernels,
  engineName,
  engineNames,
  type FloatArray,
  type Kernels,
  type RmspropScalars,
  registerEngine,
  type SgdScalars,
  setEngine,
  type UnaryName,
} from "./kernels/index.js";
