/**
 * The engine that does the arithmetic, chosen by name.
 *
 * @module
 */
import { describe, hint, OptionError } from "../errors.js";
import type { Kernels } from "./contract.js";
import { referenceKernels } from "./reference.js";
import { relaxedKernels } from "./relaxed.js";
import { wasmKernels } from "./wasm.js";

export type {
  AdamScalars,
  BinaryMode,
  BinaryName,
  FloatArray,
  Kernels,
  Recurrence,
  RecurrenceKind,
  RmspropScalars,
  SgdScalars,
  UnaryName,
} from "./contract.js";

/** The kernels, or a function that makes them the first time they are asked for and may find that it cannot. */
export type Engine = Kernels | (() => Kernels);

const engines = new Map<string, Engine>([
  ["wasm", wasmKernels],
  ["reference", referenceKernels],
  ["relaxed", relaxedKernels],
]);

let current: Kernels = wasmKernels;

/** The kernels of the engine in use. Ask anew for each operation: the engine may change between two of them. */
export const kernels = (): Kernels => current;

/** Names of the engines there are. */
export const engineNames = (): string[] => [...engines.keys()];

/** Name of the engine in use: "wasm" unless another was set. */
export const engineName = (): string => current.name;

/**
 * Makes an engine known under a name, in place of any of that name. A function is called when the engine is first asked
 * for, so that looking for a library, say, waits until then; what it throws goes to whoever asked.
 *
 * @throws OptionError unless the name is a word and the engine an object with kernels, or a function
 */
export function registerEngine(name: string, engine: Engine): void {
  if (typeof name !== "string" || name === "" || (typeof engine !== "function" && typeof engine?.gemm !== "function"))
    throw new OptionError(
      `registerEngine: expected a name and the kernels of an engine, got ${describe(name)} and ${describe(engine)}`,
    );
  engines.set(name, engine);
}

/**
 * The kernels of the engine of that name, whichever is in use.
 *
 * @throws OptionError naming the engines there are; and whatever an engine throws that cannot run on this machine
 */
export function engineKernels(name: string): Kernels {
  return find("engineKernels", name);
}

/**
 * Hands all arithmetic from now on to the engine of that name.
 *
 * @throws OptionError naming the engines there are; and whatever an engine throws that cannot run on this machine
 */
export function setEngine(name: string): void {
  current = find("setEngine", name);
}

function find(where: string, name: string): Kernels {
  const engine = engines.get(name);
  if (engine === undefined) {
    throw new OptionError(
      `${where}: expected the name of an engine out of ${engineNames().join(", ")}, got ${describe(name)}. ` +
        `${hint(String(name), engineNames())}An engine of another package is there once that is imported`,
    );
  }
  if (typeof engine !== "function") return engine;
  const made = engine();
  engines.set(name, made);
  return made;
}

/** Hands all arithmetic to kernels that need not be registered; returns those in use before, to be put back. */
export function useKernels(next: Kernels): Kernels {
  const before = current;
  current = next;
  return before;
}
