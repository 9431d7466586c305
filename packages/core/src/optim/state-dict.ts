/**
 * The state of optimisers under PyTorch's names, and back.
 *
 * @module
 */
import { cast, ndarray, toFlat } from "../array.js";
import type { FloatDType } from "../dtype.js";
import { describe, FormatError, hint, shapeText } from "../errors.js";
import { sameShape } from "../shape.js";
import { Tensor } from "../tensor.js";
import type { ParamGroup, State } from "./groups.js";

/** `Optimizer.stateDict()`: PyTorch's structure and PyTorch's names. Parameters are counted through all groups. */
export interface OptimizerStateDict {
  state: Record<string, Record<string, Tensor | number | null>>;
  param_groups: Record<string, unknown>[];
}

/** How PyTorch is to run an optimiser, or what its schedulers leave in a group: no effect on the numbers here. */
const ignoredInGroups = new Set([
  ...["foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay", "param_names"],
  ...["max_lr", "min_lr", "max_momentum", "base_momentum"],
]);

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function writeGroup(group: ParamGroup, numbers: readonly number[]): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(group)) {
    if (name !== "params") written[snakeCase(name)] = Array.isArray(value) ? [...value] : value;
  }
  written.params = numbers;
  return written;
}

export function writeState(state: State, like: Tensor, withStep: boolean): Record<string, Tensor | number> {
  const written: Record<string, Tensor | number> = {};
  // PyTorch keeps the count as a float32 tensor without dimensions.
  if (withStep) written.step = new Tensor(ndarray("float32", Float32Array.of(state.step), []));
  for (const [name, moment] of Object.entries(state.arrays)) {
    written[name] = new Tensor(ndarray(state.dtype, toFlat(moment.array), like.shape));
  }
  return written;
}

interface ReadGroup<Options> {
  readonly options: Options;
  readonly params: readonly Tensor[];
  /** Where the state of each parameter stands. */
  readonly keys: readonly string[];
}

/** @throws FormatError unless there are as many groups and parameters, with the options that `known` names */
export function readGroups<G extends ParamGroup>(
  optimizer: string,
  dict: OptimizerStateDict,
  present: readonly G[],
  known: readonly string[],
): ReadGroup<G>[] {
  const where = `${optimizer}.loadStateDict`;
  const saved = dict?.param_groups;
  if (!Array.isArray(saved) || typeof dict.state !== "object" || dict.state === null) {
    throw new FormatError(
      `${where}: expected { state, param_groups } as stateDict() returns it, got ${describe(dict)}`,
    );
  }
  const counts = (groups: readonly { params?: unknown }[]): string =>
    `${groups.length} groups of ${groups.map(({ params }) => (Array.isArray(params) ? params.length : describe(params))).join(", ")} parameters`;
  if (counts(saved) !== counts(present)) {
    throw new FormatError(
      `${where}: expected ${counts(present)}, got ${counts(saved)}. Build the optimiser with the groups it was saved with`,
    );
  }
  const names = new Map([...known, "initialLr"].map((name) => [snakeCase(name), name]));
  return present.map((group, i) => {
    const options: Record<string, unknown> = {};
    const entries = saved[i] as Record<string, unknown>;
    for (const [key, value] of Object.entries(entries)) {
      const name = names.get(key);
      if (name !== undefined) options[name] = Array.isArray(value) ? [...value] : value;
      else if (key !== "params" && !ignoredInGroups.has(key)) {
        throw new FormatError(
          `${where}: unexpected option '${key}' in group ${i}. ${hint(key, [...names.keys()])}Is it of another optimiser?`,
        );
      }
    }
    for (const [key, name] of names) {
      if (name !== "initialLr" && !(name in options))
        throw new FormatError(`${where}: expected option '${key}' in group ${i}, got none`);
    }
    const keys = (entries.params as unknown[]).map(String);
    return { options: options as unknown as G, params: group.params, keys };
  });
}

/** @throws FormatError unless every array of `allowed` has its parameter's shape and no other is there */
export function readStates(
  optimizer: string,
  dict: OptimizerStateDict,
  groups: readonly ReadGroup<unknown>[],
  allowed: readonly string[],
): Map<Tensor, State> {
  const where = `${optimizer}.loadStateDict`;
  const states = new Map<Tensor, State>();
  const expected = new Set<string>();
  for (const { params, keys } of groups) {
    params.forEach((x, i) => {
      const key = keys[i] as string;
      expected.add(key);
      const saved = dict.state[key];
      if (saved === undefined) return;
      const state: State = { step: 0, n: x.numel(), dtype: x.dtype as FloatDType, arrays: {} };
      for (const [name, value] of Object.entries(saved)) {
        const place = `state ${key}, ${name}`;
        if (name === "step") state.step = readStep(where, place, value);
        else if (!allowed.includes(name)) {
          throw new FormatError(
            `${where}: unexpected entry at ${place}: expected ${["step", ...allowed].join(", ")}. Is it of another optimiser?`,
          );
        } else if (value !== null) state.arrays[name] = readArray(where, place, value, x);
      }
      states.set(x, state);
    });
  }
  const stray = Object.keys(dict.state).find((key) => !expected.has(key));
  if (stray !== undefined)
    throw new FormatError(`${where}: got a state for parameter ${stray}, expected only ${[...expected].join(", ")}`);
  return states;
}

function readStep(where: string, place: string, value: unknown): number {
  const step = value instanceof Tensor && value.numel() === 1 ? value.item() : value;
  if (!Number.isSafeInteger(step) || (step as number) < 0) {
    throw new FormatError(`${where}: expected a whole number ≥ 0 at ${place}, got ${describe(value)}`);
  }
  return step as number;
}

function readArray(where: string, place: string, value: unknown, like: Tensor): Tensor {
  if (!(value instanceof Tensor && sameShape(value.shape, like.shape))) {
    const got = value instanceof Tensor ? shapeText(value.shape) : describe(value);
    throw new FormatError(`${where}: expected a Tensor of shape ${shapeText(like.shape)} at ${place}, got ${got}`);
  }
  return new Tensor(ndarray(like.dtype, toFlat(cast(value.array, like.dtype)), [like.numel()]));
}
