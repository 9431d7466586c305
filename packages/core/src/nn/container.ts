/**
 * Modules made of modules. Their children are called "0", "1", …, as in PyTorch's state dictionaries.
 *
 * @module
 */
import { describe, OptionError } from "../errors.js";
import type { Indices } from "../indices.js";
import { checkIndex } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { Module } from "./module.js";

/** The type of the entry `I` of a tuple, counted from the end when negative. */
type At<Modules extends readonly Module[], I extends number> = number extends I | Modules["length"]
  ? Modules[number]
  : `${I}` extends `-${infer N extends number}`
    ? FromEnd<Modules, N>
    : Modules[I];

type FromEnd<Modules extends readonly Module[], N extends number, Seen extends 1[] = [1]> = Modules extends readonly [
  ...infer Rest extends readonly Module[],
  infer Last,
]
  ? Seen["length"] extends N
    ? Last
    : FromEnd<Rest, N, [...Seen, 1]>
  : never;

/** The tuple up to entry `Stop` (counted from the end when negative). */
type Until<Modules extends readonly Module[], Stop extends number> = number extends Stop | Modules["length"]
  ? Modules[number][]
  : `${Stop}` extends `-${infer N extends number}`
    ? WithoutLast<Modules, N>
    : First<Modules, Stop>;

type First<Modules extends readonly Module[], N extends number, Taken extends Module[] = []> = Taken["length"] extends N
  ? Taken
  : Modules extends readonly [infer Head extends Module, ...infer Rest extends readonly Module[]]
    ? First<Rest, N, [...Taken, Head]>
    : Taken;

type WithoutLast<
  Modules extends readonly Module[],
  N extends number,
  Dropped extends 1[] = [],
> = Dropped["length"] extends N
  ? Modules
  : Modules extends readonly [...infer Rest extends readonly Module[], unknown]
    ? WithoutLast<Rest, N, [...Dropped, 1]>
    : [];

/** The tuple from entry `Start` ≥ 0. */
type From<Modules extends readonly Module[], Start extends number, Skipped extends 1[] = []> = number extends
  | Start
  | Modules["length"]
  ? Modules
  : Skipped["length"] extends Start
    ? Modules
    : Modules extends readonly [unknown, ...infer Rest extends readonly Module[]]
      ? From<Rest, Start, [...Skipped, 1]>
      : [];

/** The type of `sequential.slice(start, stop)`; not worked out entry by entry when `start` is negative. */
export type SliceOf<
  Modules extends readonly Module[],
  Start extends number,
  Stop extends number,
> = `${Start}` extends `-${string}` ? Modules[number][] : From<Until<Modules, Stop>, Start>;

/** What a module takes and gives; Tensors when its `forward` does not say. */
type Taken<M> = M extends { forward(input: infer Input, ...rest: never[]): unknown }
  ? [Input] extends [never]
    ? Tensor
    : Input
  : Tensor;
type Given<M> = M extends { forward(...inputs: never[]): infer Output }
  ? unknown extends Output
    ? Tensor
    : Output
  : Tensor;

/** The input of a chain is the input of its first module. A module that takes indices takes tensors and number arrays. */
type InputOf<Modules extends readonly Module[]> = Modules extends readonly [infer Head, ...unknown[]]
  ? Taken<Head>
  : number extends Modules["length"]
    ? Taken<Modules[number]>
    : Tensor | Indices;

type OutputOf<Modules extends readonly Module[]> = Modules extends readonly [...unknown[], infer Last]
  ? Given<Last>
  : number extends Modules["length"]
    ? Given<Modules[number]>
    : Tensor;

function checkModules(where: string, modules: readonly unknown[]): asserts modules is readonly Module[] {
  modules.forEach((module, i) => {
    if (module instanceof Module) return;
    const hint = Array.isArray(module) ? "Spread it: new nn.Sequential(...modules)" : "Build it first: new nn.Tanh()";
    throw new OptionError(`${where}: expected modules, got ${describe(module)} at position ${i}. ${hint}`);
  });
}

/**
 * Modules one after the other: the output of each is the input of the next.
 *
 * `get`, `slice` and `forward` know the types of the modules: in `new Sequential(new Embedding(3, 1), new Tanh())`,
 * `get(0)` is an Embedding.
 *
 * @throws OptionError when something else than a module is given
 */
export class Sequential<const Modules extends readonly Module[] = Module[]>
  extends Module
  implements Iterable<Modules[number]>
{
  readonly #modules: Modules;
  #names: readonly string[];

  constructor(...modules: Modules) {
    super();
    checkModules("Sequential", modules);
    this.#modules = modules;
    this.#names = modules.map((_, i) => String(i));
  }

  get length(): number {
    return this.#modules.length;
  }

  override children(): [string, Module][] {
    return this.#modules.map((module, i) => [this.#names[i] as string, module]);
  }

  /**
   * The module at a place, counted from the end when negative.
   *
   * @throws ShapeError when there is no such place
   */
  get<const I extends number>(index: I): At<Modules, I> {
    return this.#modules[checkIndex("Sequential.get", index, this.length)] as At<Modules, I>;
  }

  /** The modules from `start` to before `stop` by Python's rules, shared with this one and under the names they have here. */
  slice<const Start extends number = 0, const Stop extends number = Modules["length"]>(
    start?: Start,
    stop?: Stop,
  ): Sequential<SliceOf<Modules, Start, Stop>> {
    for (const bound of [start, stop]) {
      if (bound !== undefined && !Number.isInteger(bound)) {
        throw new OptionError(`Sequential.slice: expected whole bounds such as 0 and -1, got ${describe(bound)}`);
      }
    }
    const part = new Sequential(...this.#modules.slice(start, stop));
    part.#names = this.#names.slice(start, stop);
    return part as unknown as Sequential<SliceOf<Modules, Start, Stop>>;
  }

  *[Symbol.iterator](): IterableIterator<Modules[number]> {
    yield* this.#modules;
  }

  override forward(input: InputOf<Modules>): OutputOf<Modules> {
    let x: unknown = input;
    for (let i = 0; i < this.#modules.length; i++) x = (this.#modules[i] as Module).forward(x as never);
    return x as OutputOf<Modules>;
  }
}

/**
 * A list of modules that are trained and saved with the module that holds it. It computes nothing itself: iterate over it.
 *
 * @throws OptionError when something else than a module is given
 */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  readonly #modules: M[];

  constructor(modules: Iterable<M> = []) {
    super();
    if (typeof modules?.[Symbol.iterator] !== "function") {
      throw new OptionError(`ModuleList: expected an array of modules, got ${describe(modules)}`);
    }
    this.#modules = [...modules];
    checkModules("ModuleList", this.#modules);
  }

  get length(): number {
    return this.#modules.length;
  }

  override children(): [string, Module][] {
    return this.#modules.map((module, i) => [String(i), module]);
  }

  /**
   * The module at a place, counted from the end when negative.
   *
   * @throws ShapeError when there is no such place
   */
  get(index: number): M {
    return this.#modules[checkIndex("ModuleList.get", index, this.length)] as M;
  }

  /** Adds a module at the end. */
  append(module: M): this {
    checkModules("ModuleList.append", [module]);
    this.#modules.push(module);
    return this;
  }

  *[Symbol.iterator](): IterableIterator<M> {
    yield* this.#modules;
  }

  /** @throws OptionError always: a list does not say what to do with its modules */
  override forward(): never {
    throw new OptionError(
      "ModuleList: expected its modules to be called one by one, as in for (const layer of layers) …, got a call of forward",
    );
  }

  /** As PyTorch prints it, equal neighbours as `(0-2): 3 x Linear(…)`. */
  override toString(): string {
    const lines: { text: string; first: number; count: number }[] = [];
    this.#modules.forEach((module, i) => {
      const text = module.toString().replaceAll("\n", "\n  ");
      const last = lines.at(-1);
      if (last?.text === text) last.count++;
      else lines.push({ text, first: i, count: 1 });
    });
    const line = ({ text, first, count }: (typeof lines)[number]): string =>
      count === 1 ? `  (${first}): ${text}` : `  (${first}-${first + count - 1}): ${count} x ${text}`;
    return lines.length === 0 ? "ModuleList()" : `ModuleList(\n${lines.map(line).join("\n")}\n)`;
  }
}
