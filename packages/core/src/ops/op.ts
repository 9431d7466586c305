/**
 * An op is one thought: what it computes and its derivative, side by side, on plain data.
 *
 * Rules for `backward`: it returns one gradient per input, `null` where `needs` is null; each is either `g` itself
 * (or a view of it) or a fresh array that it returns once and keeps no hold of. Or it returns nothing and has added its gradients
 * itself to what the sinks in `needs` have gathered so far, without arrays in between. First-order gradients only: `backward`
 * works on plain arrays and is not itself recorded.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import type { FloatArray } from "../kernels/index.js";

/** What an op has kept from its forward pass. */
export interface Saved<A> {
  readonly inputs: readonly NdArray[];
  readonly output: NdArray;
  readonly attrs: A;
  /** One entry per input: null when nobody asks for its gradient. */
  readonly needs: readonly (GradientSink | null)[];
}

/** Where the gradient of one input is gathered. */
export interface GradientSink {
  /** The sum so far. */
  readonly grad: NdArray | null;
  /**
   * Makes `grad` a row-major array in the form of `like` that the caller may write to.
   *
   * @returns whether there is a sum in it that must be added to; if not, the array is fresh, all zeros
   */
  into(like: NdArray): boolean;
  /** Adds an array; `owned`: nobody else has it, so it may be written to. */
  receive(g: NdArray, owned: boolean): void;
  /**
   * Takes note of the product of a column g of length O and a row x of length I, or of g alone when x is null and I 0, to be added
   * before anybody looks at `grad`.
   *
   * @returns false where the product must be added at once
   */
  addLater(g: FloatArray, go: number, O: number, x: FloatArray | null, xo: number, I: number): boolean;
}

/** What a backward step returns: a gradient for each input, or nothing when it has added them to the sinks itself. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without return statement is such a step
export type Gradients = readonly (NdArray | null)[] | void;

/** Which arrays `backward` reads again, so that a change in place between the two passes is caught. */
export type Reads = "nothing" | "inputs" | "output" | "both";

/**
 * Promise of an op whose forward and backward do all their arithmetic through kernels, copies and views (`array.ts`), so that `capture`
 * may repeat just these. Without the promise it runs the op itself again, which is always right.
 */
export interface Replay<A> {
  /** Whether it keeps the promise for whole numbers and booleans too. */
  readonly anyDType?: boolean;
  /** For views, results that look at the numbers of their only input whenever that is possible: whether they have its history too. */
  readonly view?: "with history" | "without history";
  /** Lists of numbers among the attributes, as kernels get them. They may differ from call to call, all else must be equal. */
  readonly lists?: (attrs: A) => readonly ArrayLike<number>[];
  /** The same attributes with lists that nobody else holds and that can be written to. */
  readonly own?: (attrs: A) => A;
  /** Whether two sets of attributes are equal, lists aside; worked out field by field without it. */
  readonly same?: (a: A, b: A) => boolean;
  /** A number that tells one set of attributes from every other for the same inputs, NaN where there is none; 0 for ops without attributes. */
  readonly key?: (attrs: A) => number;
}

/** What every op has: a number of its own. */
export interface Identified {
  readonly id: number;
}

export interface Op<A = undefined> extends Identified {
  readonly name: string;
  readonly reads: Reads;
  readonly replay: Replay<A> | null;
  forward(inputs: readonly NdArray[], attrs: A): NdArray;
  backward(g: NdArray, saved: Saved<A>): Gradients;
}

/** An op with several outputs; `grads[i]` is null or missing for an output that nothing depended on. */
export interface MultiOp<A = undefined> extends Identified {
  readonly name: string;
  readonly reads: "inputs" | "nothing";
  readonly replay: Replay<A> | null;
  forward(inputs: readonly NdArray[], attrs: A): { readonly outputs: readonly NdArray[]; readonly kept: unknown };
  backward(
    grads: readonly (NdArray | null)[],
    saved: {
      readonly inputs: readonly NdArray[];
      readonly kept: unknown;
      readonly attrs: A;
      readonly needs: readonly (GradientSink | null)[];
    },
  ): Gradients;
  /** Told what the forward pass has kept once nobody will ask for it any more. */
  readonly release?: ((kept: unknown) => void) | undefined;
}

type Described<O, A> = Omit<O, "id" | "replay"> & { readonly replay?: Replay<A> };

let count = 0;

/** An op, laid out like every other one: V8 reads fields faster where all objects have the same. */
export const defineOp = <A = undefined>({ name, reads, replay, forward, backward }: Described<Op<A>, A>): Op<A> => ({
  id: count++,
  name,
  reads,
  replay: replay ?? null,
  forward,
  backward,
});

/** As {@link defineOp}, for an op with several outputs. */
export const defineMultiOp = <A = undefined>({
  name,
  reads,
  replay,
  forward,
  backward,
  release,
}: Described<MultiOp<A>, A>): MultiOp<A> => ({
  id: count++,
  name,
  reads,
  replay: replay ?? null,
  forward,
  backward,
  release,
});
