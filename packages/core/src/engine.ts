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
  type Recurrence,
  type RecurrenceKind,
  type RmspropScalars,
  registerEngine,
  type SgdScalars,
  setEngine,
  type UnaryName,
} from "./kernels/index.js";
export {
  gateCounts,
  type RecurrentKernels,
  recurrenceOf,
  type StepKernels,
  slotCounts,
} from "./kernels/reference/recurrent.js";
/** The memory of the default engine, for engines that work there with its kernels and products of their own. */
export type { WasmExports } from "./kernels/wasm-exports.js";
export { closeMachine, openMachine, type WasmMachine } from "./kernels/wasm-machine.js";
