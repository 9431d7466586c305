/**
 * Optimiser updates in WebAssembly: parameter, gradient and what is kept from step to step go in, all but the gradient come out.
 *
 * @module
 */
import type { AdamScalars, Kernels, RmspropScalars, SgdScalars } from "./contract.js";
import { openMachine } from "./wasm-machine.js";

export type UpdateName = "adam" | "sgd" | "rmsprop" | "adagrad";
export type UpdateKernels = Pick<Kernels, UpdateName>;

/** On how many arrays each works. */
const arrayCounts: { readonly [K in UpdateName]: number } = { adam: 5, sgd: 3, rmsprop: 5, adagrad: 3 };

/** The argument that is only read. */
const GRADIENT = 2;

/** The arguments of the compiled kernels behind the arrays. */
const scalars = {
  adam: (s: AdamScalars) => [
    1 - s.beta1,
    s.beta2,
    1 - s.beta2,
    s.eps,
    -s.stepSize,
    s.bias2Root,
    s.weightDecay,
    s.shrink,
    s.sign,
  ],
  sgd: (s: SgdScalars) => [-s.lr, s.momentum, 1 - s.dampening, s.weightDecay, +s.nesterov, +s.firstStep, s.sign],
  rmsprop: (s: RmspropScalars) => [-s.lr, s.alpha, 1 - s.alpha, s.eps, s.weightDecay, s.momentum, s.sign],
  adagrad: (clr: number, eps: number, weightDecay: number, sign: number) => [-clr, eps, weightDecay, sign],
};

/** The numbers of a call, made of all its arguments. */
export const updateScalars = (name: UpdateName, args: readonly unknown[]): number[] =>
  (scalars[name] as (...rest: readonly unknown[]) => number[])(...args.slice(1 + arrayCounts[name]));

/** Arrays of up to `most` elements go through at once; below `least` the reference is faster. */
export function wasmUpdates(reference: UpdateKernels, least: number, most: number): UpdateKernels {
  const update =
    (name: UpdateName) =>
    (...args: readonly unknown[]): void => {
      const n = args[0] as number;
      const count = arrayCounts[name];
      const size = Math.min(n, most);
      const machine = n >= least && args[1] instanceof Float32Array ? openMachine(count * size) : null;
      if (machine === null) {
        (reference[name] as (...all: readonly unknown[]) => void)(...args);
        return;
      }
      // The length, the arrays' addresses, the numbers.
      const given: number[] = [0];
      for (let k = 1; k <= count; k++) given.push(args[k] === null ? 0 : machine.take(size));
      given.push(...updateScalars(name, args));
      const run = machine.exports[name] as (...rest: readonly number[]) => void;
      for (let i = 0; i < n; i += size) {
        const length = Math.min(size, n - i);
        given[0] = length;
        for (let k = 1; k <= count; k++)
          if (args[k] !== null) machine.put(given[k] as number, length, args[k] as Float32Array, i);
        run(...given);
        for (let k = 1; k <= count; k++)
          if (args[k] !== null && k !== GRADIENT)
            machine.copyOut(given[k] as number, length, args[k] as Float32Array, i);
      }
    };
  return { adam: update("adam"), sgd: update("sgd"), rmsprop: update("rmsprop"), adagrad: update("adagrad") };
}
