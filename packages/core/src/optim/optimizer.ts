import { cast, copyInto, copyOf, countChange, fullArray, type NdArray } from "../array.js";
import { checkFloating, type FloatDType } from "../dtype.js";
import {
  checkAtLeastZero,
  checkBoolean,
  checkOptions,
  describe,
  GradientError,
  OptionError,
  ShapeError,
  shapeText,
} from "../errors.js";
import { type FloatArray, kernels } from "../kernels/index.js";
import { isContiguous, sameShape, sizeOf } from "../shape.js";
import { session, type Update } from "../tensor/session.js";
import { checkTensor, Tensor } from "../tensor.js";
import type { GroupOptions, ParamGroup, State } from "./groups.js";
import { type OptimizerStateDict, readGroups, readStates, writeGroup, writeState } from "./state-dict.js";

export type { GroupOptions, ParamGroup, State } from "./groups.js";

/** Parameters, or groups of them with options of their own. */
export type ParamsArgument<Options extends GroupOptions> =
  | Iterable<Tensor>
  | readonly (Partial<Options> & { readonly params: Tensor | Iterable<Tensor> })[];

/**
 * Base class of the optimisers: groups of parameters, checks, state. A subclass says how one parameter is changed.
 *
 * Parameters without a gradient are left alone. A parameter's numbers are looked up anew at every step, so assigning
 * `parameter.data` after the optimiser was made is fine.
 */
export abstract class Optimizer<Options extends GroupOptions = GroupOptions> {
  /** The groups, readable and writable: `optimizer.paramGroups[0].lr = 0.01`. */
  readonly paramGroups: ParamGroup<Options>[] = [];
  /** Options of groups that do not give them. */
  readonly defaults: Readonly<Options>;
  readonly #states = new Map<Tensor, State>();

  /**
   * @param name of the optimiser, for messages
   * @param known all options with what they are when neither a group nor `options` gives them: numbers ≥ 0, booleans, and what
   *   `checkGroup` checks
   */
  protected constructor(
    private readonly name: string,
    params: ParamsArgument<Options>,
    options: Partial<Options>,
    private readonly known: Readonly<Options>,
  ) {
    checkOptions(name, options, Object.keys(known));
    this.defaults = { ...known, ...options };
    const entries = this.#entriesOf(params);
    const groups = entries.every(isGroup) ? entries : [{ params: entries }];
    for (const group of groups) this.addParamGroup(group as ParamGroup<Options>);
  }

  /** How a parameter with this state is changed. */
  protected abstract updateOf(state: State, group: ParamGroup<Options>): Update;

  /** @throws OptionError when a group's option is out of range */
  protected checkGroup(where: string, group: Options): void {
    for (const [name, usual] of Object.entries(this.known)) {
      const value = group[name as keyof Options];
      if (typeof usual === "number") checkAtLeastZero(where, name, value);
      else if (typeof usual === "boolean") checkBoolean(where, name, value);
    }
  }

  #entriesOf(params: unknown): unknown[] {
    if (params instanceof Tensor || typeof (params as Iterable<unknown> | null)?.[Symbol.iterator] !== "function") {
      throw new OptionError(
        `${this.name}: expected an array of parameters such as net.parameters(), or of groups { params, lr, … }, got ${describe(params)}`,
      );
    }
    const entries = [...(params as Iterable<unknown>)];
    if (entries.length > 0) return entries;
    throw new OptionError(
      `${this.name}: expected at least one parameter, got an empty list. Does the module assign its parameters and submodules to fields?`,
    );
  }

  /**
   * Adds parameters with options of their own, those not given being the optimiser's defaults.
   *
   * @throws OptionError for what is no parameter, one that is in a group already, or options unknown or out of range
   */
  addParamGroup(group: Partial<Options> & { readonly params: Tensor | Iterable<Tensor> }): void {
    const where = `${this.name}: group ${this.paramGroups.length}`;
    checkOptions(where, group, [...Object.keys(this.defaults), "params"]);
    const params = group.params instanceof Tensor ? [group.params] : (this.#entriesOf(group.params) as Tensor[]);
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    params.forEach((x, i) => {
      const place = `${where}, parameter ${i}`;
      checkParameter(place, x);
      if (known.has(x)) {
        throw new OptionError(
          `${place} of shape ${shapeText(x.shape)} is in a group already. Expected each parameter once: it would be changed twice a step`,
        );
      }
      known.add(x);
    });
    const complete = { ...this.defaults, ...group, params };
    this.checkGroup(where, complete);
    this.paramGroups.push(complete);
  }

  /**
   * Changes every parameter that has a gradient.
   *
   * @throws GradientError when a gradient does not fit its parameter; nothing is changed then
   */
  step(): void {
    for (const group of this.paramGroups) {
      checkAtLeastZero(this.name, "lr", group.lr);
      for (const x of group.params) if (x.grad !== null) this.#checkFits(x, x.grad);
    }
    for (const group of this.paramGroups) {
      for (const x of group.params) if (x.grad !== null) this.#change(x, x.grad, group);
    }
  }

  #checkFits(x: Tensor, grad: Tensor): void {
    checkTensor(`${this.name}.step: grad`, grad);
    if (x.dtype !== grad.dtype || !sameShape(x.shape, grad.shape)) {
      throw new GradientError(
        `${this.name}.step: expected a gradient like its parameter, ${x.dtype} of shape ${shapeText(x.shape)}, ` +
          `got ${grad.dtype} of shape ${shapeText(grad.shape)}. Call zeroGrad() after changing a parameter's shape or dtype`,
      );
    }
    const kept = this.#states.get(x);
    if (kept !== undefined && kept.n !== x.numel()) {
      throw new ShapeError(
        `${this.name}.step: expected a parameter of ${kept.n} elements, as at earlier steps, got shape ${shapeText(x.shape)}. ` +
          "Make a new optimiser after replacing data by another shape",
      );
    }
  }

  #change(x: Tensor, grad: Tensor, group: ParamGroup<Options>): void {
    const state = this.stateOf(x);
    state.step++;
    const update = this.updateOf(state, group);
    if (session()?.update(x, grad, update)) return;
    const { array } = x;
    const dense = isContiguous(array.shape, array.strides);
    const target = dense ? array : copyOf(array);
    const kernel = kernels()[update.kernel] as (n: number, ...rest: readonly unknown[]) => void;
    const moments = update.moments.map((moment) => (moment === null ? null : moment.array.data));
    const g = grad.isContiguous() ? grad.array : copyOf(grad.array);
    kernel(sizeOf(array.shape), fromStart(target), fromStart(g), ...moments, ...update.rest);
    if (!dense) copyInto(target, array);
    countChange(array.memory);
    for (const moment of update.moments) if (moment !== null) countChange(moment.layout.memory);
  }

  /** The state of a parameter, made on demand and converted when the parameter has been. */
  protected stateOf(x: Tensor): State {
    const dtype = x.dtype as FloatDType;
    let state = this.#states.get(x);
    if (state === undefined) {
      state = { step: 0, n: x.numel(), dtype, arrays: {} };
      this.#states.set(x, state);
    } else if (state.dtype !== dtype) {
      state.dtype = dtype;
      for (const [name, moment] of Object.entries(state.arrays))
        state.arrays[name] = new Tensor(cast(moment.array, dtype));
    }
    return state;
  }

  /** For the library's own use: what is kept for a parameter. */
  keptFor(x: Tensor): State | undefined {
    return this.#states.get(x);
  }

  /** For the library's own use: has taken as many steps as another optimiser of like parameters, and has its options. */
  goOnAs(other: this): void {
    this.paramGroups.forEach((group, i) => {
      const { params: _, ...options } = other.paramGroups[i] as ParamGroup<Options>;
      Object.assign(group, options);
    });
    const theirs = [...other.#states.values()];
    [...this.#states.values()].forEach((state, i) => {
      state.step = theirs[i]?.step ?? state.step;
    });
  }

  /** The array `name` of a state, filled with `value` at first. */
  protected moment(state: State, name: string, value = 0): Tensor {
    const found = state.arrays[name];
    if (found !== undefined) return found;
    const fresh = new Tensor(fullArray(state.dtype, [state.n], value));
    state.arrays[name] = fresh;
    return fresh;
  }

  /** Forgets all gradients, so that the next `backward()` starts from none. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) for (const x of params) x.grad = null;
  }

  /** What is saved with the steps counted; SGD keeps no count. */
  protected countsSteps(): boolean {
    return true;
  }

  /**
   * A snapshot of everything that decides the steps to come, in PyTorch's structure and under PyTorch's names:
   * `{ state: { 0: { step, exp_avg, … }, … }, param_groups: [{ lr, weight_decay, …, params: [0, …] }] }`.
   */
  stateDict(): OptimizerStateDict {
    const state: OptimizerStateDict["state"] = {};
    let index = 0;
    const groups = this.paramGroups.map((group) => {
      const numbers = group.params.map((x) => {
        const kept = this.#states.get(x);
        if (kept !== undefined) state[index] = writeState(kept, x, this.countsSteps());
        return index++;
      });
      return writeGroup(group, numbers);
    });
    return { state, param_groups: groups };
  }

  /**
   * Continues from a snapshot, of this library's or PyTorch's making.
   *
   * @throws FormatError when it does not fit the groups and parameters there are; nothing is changed then
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const groups = readGroups(this.name, dict, this.paramGroups, Object.keys(this.defaults));
    groups.forEach((group, i) => {
      this.checkGroup(`${this.name}.loadStateDict: group ${i}`, group.options);
    });
    const states = readStates(this.name, dict, groups, this.stateNames());
    this.#states.clear();
    for (const [x, state] of states) this.#states.set(x, state);
    groups.forEach(({ options }, i) => {
      Object.assign(this.paramGroups[i] as object, options);
    });
  }

  /** Names of the arrays a state may have, PyTorch's. */
  protected abstract stateNames(): readonly string[];
}

function isGroup(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && "params" in entry;
}

/** The elements of a dense array as an array that starts with them. */
function fromStart(x: NdArray): FloatArray {
  return (x.offset === 0 ? x.data : x.data.subarray(x.offset, x.offset + sizeOf(x.shape))) as FloatArray;
}

function checkParameter(where: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) {
    const remedy = isGroup(x) ? "Put single parameters into a group of their own" : "Give net.parameters()";
    throw new OptionError(`${where}: expected a parameter, got ${describe(x)}. ${remedy}`);
  }
  if (!x.isLeaf) {
    throw new OptionError(
      `${where}: expected a leaf, got the result of an operation, shape ${shapeText(x.shape)}. Make it an nn.Parameter`,
    );
  }
  checkFloating(where, x.dtype);
}
