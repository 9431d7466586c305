import { cast } from "../array.js";
import { checkDType, type DType, isFloat } from "../dtype.js";
import {
  checkBoolean,
  checkOptions,
  DTypeError,
  describe,
  FormatError,
  nearest,
  OptionError,
  shapeText,
} from "../errors.js";
import { sameShape } from "../shape.js";
import { checkTensor, noGrad, Tensor } from "../tensor.js";

export { checkBoolean, checkCount } from "../errors.js";

/** A tensor that a module learns: it requires a gradient unless told otherwise, and modules find it among their fields. */
export class Parameter extends Tensor {
  /** For the compiler, which would take any Tensor for a Parameter: it would be used, but neither learned nor saved. */
  declare private readonly learned: true;

  constructor(data: Tensor, requiresGrad = true) {
    checkTensor("Parameter", data);
    super(data.ownArray());
    this.requiresGrad = requiresGrad;
  }

  /** As PyTorch prints it, with `Parameter containing:` in a line of its own above the numbers. */
  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

/** The type of a module's bias: a parameter, or null when the module was made with `bias: false`. */
export type MaybeBias<Bias extends boolean> = Bias extends true ? Parameter : null;

/** Names of parameters and buffers with their tensors, as `Module.stateDict()` returns them. */
export type StateDict = Record<string, Tensor>;

/**
 * Base class of everything that has parameters. Subclasses assign `Parameter`s and other modules to plain fields and define
 * `forward`; names in the state dictionary are the fields' names joined by dots, as in PyTorch. Nobody outside a class can see its
 * `#private` fields: what stands in one is neither learned nor saved.
 */
export abstract class Module {
  /** Whether dropout and the like are active; see `train()` and `eval()`. */
  training = true;

  /** What the module computes. */
  abstract forward(...inputs: never[]): unknown;

  /** Own parameters by field name, in the order in which the fields were assigned. */
  protected ownParameters(): [string, Parameter][] {
    return Object.entries(this).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  }

  /** Own submodules by field name. @throws OptionError for modules hidden in a plain array, which would never be trained */
  children(): [string, Module][] {
    const found: [string, Module][] = [];
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) found.push([name, value]);
      else if (holdsModules(value)) {
        throw new OptionError(
          `${this.constructor.name}: expected modules and parameters in fields of their own, got field '${name}', ${describe(value)}, ` +
            "in which they would not be found. Wrap it: new nn.ModuleList([...])",
        );
      }
    }
    return found;
  }

  readonly #bufferNames: string[] = [];

  #ownBuffers(): [string, Tensor][] {
    return this.#bufferNames.map((name) => [name, (this as unknown as Record<string, Tensor>)[name] as Tensor]);
  }

  /** Keeps a tensor that is saved with the module but not learned, as field `name`. */
  registerBuffer(name: string, buffer: Tensor): void {
    checkTensor("registerBuffer", buffer);
    if (name in this && !this.#bufferNames.includes(name)) {
      throw new OptionError(`registerBuffer: '${name}' is a field already. Expected a new name`);
    }
    if (!this.#bufferNames.includes(name)) this.#bufferNames.push(name);
    (this as unknown as Record<string, unknown>)[name] = buffer;
  }

  /** This module and all below it with their dotted names; each module once. */
  *namedModules(prefix = "", seen: Set<Module> = new Set()): Generator<[string, Module]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this];
    for (const [name, child] of this.children()) yield* child.namedModules(dotted(prefix, name), seen);
  }

  /** All parameters with their dotted names, each parameter once. */
  namedParameters(): Generator<[string, Parameter]> {
    return this.#named((module) => module.ownParameters());
  }

  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** All buffers with their dotted names, each buffer once. */
  namedBuffers(): Generator<[string, Tensor]> {
    return this.#named((module) => module.#ownBuffers());
  }

  *#named<T>(own: (module: Module) => [string, T][]): Generator<[string, T]> {
    const seen = new Set<T>();
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, x] of own(module)) {
        if (seen.has(x)) continue;
        seen.add(x);
        yield [dotted(prefix, name), x];
      }
    }
  }

  buffers(): Tensor[] {
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer);
  }

  /** Parameters and buffers by dotted name, detached but on the module's own memory: `clone()` what shall not change with it. */
  stateDict(): StateDict {
    const dict: StateDict = {};
    this.#saveInto(dict, "", []);
    return dict;
  }

  /** As in PyTorch, a module that is reached by two names is saved under both; one that holds its own parent only once. */
  #saveInto(dict: StateDict, path: string, above: readonly Module[]): void {
    for (const [name, x] of [...this.ownParameters(), ...this.#ownBuffers()]) dict[path + name] = x.detach();
    const way = [...above, this];
    for (const [name, child] of this.children())
      if (!way.includes(child)) child.#saveInto(dict, `${path}${name}.`, way);
  }

  /**
   * Copies values in by name, converting the dtype. Nothing is changed when anything is wrong.
   *
   * @param options.strict whether missing and unexpected names are errors (default true)
   * @returns the names that were missing and those that were not expected
   * @throws FormatError listing missing and unexpected names and shapes that do not match
   */
  loadStateDict(
    dict: StateDict,
    options?: { readonly strict?: boolean },
  ): { missingKeys: string[]; unexpectedKeys: string[] } {
    checkOptions("loadStateDict", options, ["strict"]);
    if (dict === null || typeof dict !== "object")
      throw new FormatError(`loadStateDict: expected an object name → Tensor, got ${describe(dict)}`);
    const own = this.stateDict();
    const missingKeys = Object.keys(own).filter((name) => !(name in dict));
    const unexpectedKeys = Object.keys(dict).filter((name) => !(name in own));
    const problems: string[] = [];
    if (options?.strict ?? true) {
      if (missingKeys.length > 0) problems.push(`missing: ${missingKeys.join(", ")}`);
      for (const name of unexpectedKeys) {
        const near = nearest(name, missingKeys);
        problems.push(`unexpected: ${name}${near ? ` (did you mean ${near}?)` : ""}`);
      }
    }
    for (const [name, target] of Object.entries(own)) {
      const source = dict[name];
      if (source === undefined) continue;
      if (source instanceof Tensor && sameShape(source.shape, target.shape)) continue;
      const got = source instanceof Tensor ? shapeText(source.shape) : describe(source);
      problems.push(`${name}: expected a Tensor of shape ${shapeText(target.shape)}, got ${got}`);
    }
    if (problems.length > 0) {
      throw new FormatError(
        `loadStateDict: the state dictionary does not fit ${this.constructor.name}:\n  ${problems.join("\n  ")}\nNothing was loaded`,
      );
    }
    noGrad(() => {
      for (const [name, target] of Object.entries(own)) {
        const source = dict[name];
        if (source !== undefined) target.copy_(source.detach());
      }
    });
    return { missingKeys, unexpectedKeys };
  }

  /** Switches dropout and the like on (default) or off, here and in all submodules. */
  train(mode = true): this {
    checkBoolean("train", "mode", mode);
    for (const [, module] of this.namedModules()) module.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Converts floating parameters and buffers to float32 or float64, in place. */
  to(dtype: DType): this {
    checkFloatDType("to", dtype);
    for (const [, module] of this.namedModules()) {
      for (const [, x] of [...module.ownParameters(), ...module.#ownBuffers()]) {
        if (x.dtype === dtype || !isFloat(x.dtype)) continue;
        x.array = cast(x.array, dtype);
        x.grad = x.grad?.to(dtype) ?? null;
      }
    }
    return this;
  }

  /** The arguments as PyTorch prints them. */
  extraRepr(): string {
    return "";
  }

  /** As PyTorch prints it: `Linear(in_features=3, out_features=4, bias=True)`, submodules indented. */
  toString(): string {
    const lines = this.children().map(([name, child]) => `  (${name}): ${child.toString().replaceAll("\n", "\n  ")}`);
    if (lines.length === 0) return `${this.constructor.name}(${this.extraRepr()})`;
    return `${this.constructor.name}(\n${lines.join("\n")}\n)`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const dotted = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);

/** Whether an array, object, Map or Set has modules or parameters inside, where PyTorch too would overlook them. */
function holdsModules(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const inside =
    Array.isArray(value) || value instanceof Set
      ? value
      : value instanceof Map
        ? value.values()
        : Object.getPrototypeOf(value) === Object.prototype
          ? Object.values(value)
          : [];
  for (const item of inside)
    if (item instanceof Module || item instanceof Parameter || (Array.isArray(item) && holdsModules(item))) return true;
  return false;
}

/** True and False as PyTorch prints them. */
export const pythonBoolean = (value: boolean): string => (value ? "True" : "False");

/** @throws DTypeError unless a module can have parameters of this dtype */
export function checkFloatDType(where: string, dtype: unknown): asserts dtype is "float32" | "float64" {
  checkDType(where, dtype);
  if (!isFloat(dtype)) throw new DTypeError(`${where}: expected dtype float32 or float64, got ${dtype}`);
}
