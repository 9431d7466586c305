/**
 * The tape: every op that can have a gradient leaves a node. `backward.ts` visits them.
 *
 * @module
 */
import { copyOf, emptyArray, type NdArray, resultArray, sharesBlocks } from "./array.js";
import { GradientError } from "./errors.js";
import type { FloatArray } from "./kernels/index.js";
import { addArrays, addInPlace } from "./ops/accumulate.js";
import type { GradientSink, Gradients, MultiOp, Op, Saved } from "./ops/op.js";
import { OuterSum } from "./ops/outer-sum.js";
import { isContiguous } from "./shape.js";

let nextId = 0;
let recording = true;

/** Whether ops leave nodes at the moment. */
export const isRecording = (): boolean => recording;

/** Runs `body` with recording switched on or off; the previous mode comes back even when `body` throws. */
export function withRecording<R>(mode: boolean, body: () => R): R {
  const before = recording;
  recording = mode;
  try {
    return body();
  } finally {
    recording = before;
  }
}

/** Somebody who wants to be told the gradient at a node: a leaf, or a tensor with `retainGrad()`. */
export interface GradientHolder {
  /** `owned`: nobody else holds the array, so it may be kept without a copy. */
  receiveGradient(g: NdArray, owned: boolean): void;
}

/** A place where gradients meet. Edges point from results to what they were made of. */
export abstract class Node implements GradientSink {
  readonly id = nextId++;
  /** Whether nothing lies behind: an {@link EndNode}. */
  readonly isEnd: boolean = false;
  abstract readonly parents: readonly (Node | null)[];
  grad: NdArray | null = null;
  /** Whether `grad` may be added into: nobody else has it, and it is row-major. */
  private owned = false;
  holder: GradientHolder | null = null;

  /** Sends what has arrived on to the parents. */
  abstract propagate(): void;
  /** Lets go of saved arrays, so that a second pass is an error rather than nonsense. */
  abstract release(): void;

  /** Whether there is anything to propagate. */
  get arrived(): boolean {
    return this.grad !== null;
  }

  /** Forgets what has arrived, after a pass or after one that failed. */
  clear(): void {
    this.grad = null;
  }

  receive(g: NdArray, owned: boolean): void {
    if (this.grad === null) {
      this.grad = g;
      this.owned = owned && isContiguous(g.shape, g.strides);
    } else if (this.owned) {
      addInPlace(this.grad, g);
    } else {
      this.grad = addArrays(this.grad, g);
      this.owned = true;
    }
  }

  into(like: NdArray): boolean {
    const first = this.grad === null;
    if (this.grad === null) this.grad = resultArray(like.dtype, like.shape);
    else if (!this.owned) this.grad = copyOf(this.grad);
    this.owned = true;
    return !first;
  }

  addLater(_g: FloatArray, _go: number, _O: number, _x: FloatArray | null, _xo: number, _I: number): boolean {
    return false;
  }

  /** Hands what has arrived to whoever holds this node. */
  deliver(): void {
    if (this.holder !== null && this.grad !== null)
      this.holder.receiveGradient(this.grad, this.owned && this.parents.length === 0);
  }
}

const nobody: readonly Node[] = [];

/** A node that goes back to nothing. */
export abstract class EndNode extends Node {
  override readonly isEnd = true;
  readonly parents = nobody;
  /** The last backward pass that came here. */
  seenIn = 0;
}

/** Elements of a product of a column and a row, up to which rows are gathered. */
const MOST_PRODUCTS = 4096;

/** The end of an edge: a tensor made by the user that requires a gradient. */
export class LeafNode extends EndNode {
  constructor(leaf: GradientHolder) {
    super();
    this.holder = leaf;
  }

  /** Products that are to be added, nothing else having arrived so far. */
  private products: OuterSum | null = null;

  override addLater(g: FloatArray, go: number, O: number, x: FloatArray | null, xo: number, I: number): boolean {
    const size = x === null ? O : O * I;
    if (this.grad !== null || size === 0 || size > MOST_PRODUCTS || !sharesBlocks()) return false;
    let { products } = this;
    if (products === null || products.O !== O || products.I !== I) {
      if (products !== null && products.count > 0) return false;
      products = new OuterSum(g instanceof Float32Array ? "float32" : "float64", O, I);
      this.products = products;
    }
    products.add(g, go, x, xo);
    return true;
  }

  override get arrived(): boolean {
    return this.grad !== null || (this.products !== null && this.products.count > 0);
  }

  /** Adds what is to be added, before anything else is. */
  private gather(): void {
    if (this.products !== null && this.products.count > 0) super.receive(this.products.take(), true);
  }

  override receive(g: NdArray, owned: boolean): void {
    this.gather();
    super.receive(g, owned);
  }

  override into(like: NdArray): boolean {
    this.gather();
    return super.into(like);
  }

  override deliver(): void {
    this.gather();
    super.deliver();
  }

  override clear(): void {
    super.clear();
    this.products?.clear();
  }

  override propagate(): void {}
  override release(): void {}
}

function versionsRead(reads: Op["reads"], inputs: readonly NdArray[], output: NdArray | null): number {
  let sum = 0;
  if (reads === "inputs" || reads === "both")
    for (let i = 0; i < inputs.length; i++) sum += (inputs[i] as NdArray).memory.version;
  if (output !== null && (reads === "output" || reads === "both")) sum += output.memory.version;
  return sum;
}

function changedInPlace(name: string): GradientError {
  return new GradientError(
    `backward: a tensor that '${name}' needs for its gradient has been changed in place since. ` +
      "Expected it unchanged until backward() has run; clone() it before the change, or change it afterwards",
  );
}

function freedAlready(name: string): GradientError {
  return new GradientError(
    `backward: the graph of '${name}' has been freed by an earlier backward(). Expected one pass per forward computation; ` +
      "compute the loss again (a state carried over from there: detach() it), or call backward({ retainGraph: true }) the first time",
  );
}

/** Somebody who carries out backward steps that do not keep to kernels, copies and views; see `capture`. */
export interface BackwardObserver {
  backward<A>(op: Op<A>, node: OpNode<A>, g: NdArray): Gradients;
  backwardMulti<A>(op: MultiOp<A>, node: MultiOpNode<A>, g: readonly (NdArray | null)[]): Gradients;
}

let observer: BackwardObserver | null = null;

/** Puts an observer in place, or none; returns the one before. */
export function observeBackward(next: BackwardObserver | null): BackwardObserver | null {
  const before = observer;
  observer = next;
  return before;
}

/** A recorded op. It is itself what the op has kept: inputs, output, attributes, and which inputs want a gradient. */
export class OpNode<A> extends Node implements Saved<A> {
  private versions: number;

  constructor(
    private readonly op: Op<A>,
    readonly parents: readonly (Node | null)[],
    public inputs: readonly NdArray[],
    public output: NdArray,
    readonly attrs: A,
  ) {
    super();
    this.versions = versionsRead(op.reads, inputs, output);
  }

  get needs(): readonly (Node | null)[] {
    return this.parents;
  }

  /** For `capture`, which makes nodes belatedly: what the op reads has been changed in place so many times since. */
  readSince(changes: number): void {
    this.versions -= changes;
  }

  override propagate(): void {
    const { op, inputs, parents } = this;
    const g = this.grad as NdArray;
    if (inputs === freed) throw freedAlready(op.name);
    if (this.versions !== versionsRead(op.reads, inputs, this.output)) throw changedInPlace(op.name);
    const grads = observer === null || op.replay !== null ? op.backward(g, this) : observer.backward(op, this, g);
    if (grads === undefined) return;
    for (let i = 0; i < parents.length; i++) {
      const grad = grads[i];
      if (grad) parents[i]?.receive(grad, grad.memory !== g.memory);
    }
  }

  override release(): void {
    this.inputs = freed;
    this.output = nothing;
  }
}

/** Stands in the place of inputs that have been let go. */
const freed: readonly NdArray[] = [];
const nothing: NdArray = emptyArray("float32", [0]);

/** An op with several outputs. It is the node of the first of them; each other one has a {@link PickNode} that hands its gradient here. */
export class MultiOpNode<A> extends Node {
  /** Gradients of the outputs after the first, none so far. */
  others: (NdArray | null)[] | null = null;
  private versions: number;

  constructor(
    private readonly op: MultiOp<A>,
    readonly parents: readonly (Node | null)[],
    public inputs: readonly NdArray[],
    /** What the forward pass left for the backward pass. */
    public kept: unknown,
    readonly attrs: A,
  ) {
    super();
    this.versions = versionsRead(op.reads, inputs, null);
  }

  get needs(): readonly (Node | null)[] {
    return this.parents;
  }

  override get arrived(): boolean {
    return this.grad !== null || this.others !== null;
  }

  readSince(changes: number): void {
    this.versions -= changes;
  }

  override propagate(): void {
    const { op, inputs, parents, grad, others } = this;
    if (inputs === freed) throw freedAlready(op.name);
    if (this.versions !== versionsRead(op.reads, inputs, null)) throw changedInPlace(op.name);
    const gs = others === null ? [grad] : [grad, ...others];
    const grads =
      observer === null || op.replay !== null ? op.backward(gs, this) : observer.backwardMulti(op, this, gs);
    if (grads === undefined) return;
    for (let i = 0; i < parents.length; i++) {
      const gradient = grads[i];
      if (gradient) parents[i]?.receive(gradient, !gs.some((g) => g?.memory === gradient.memory));
    }
  }

  override clear(): void {
    this.grad = null;
    this.others = null;
  }

  override release(): void {
    if (this.kept !== undefined) this.op.release?.(this.kept);
    this.inputs = freed;
    this.kept = undefined;
  }
}

/** Output number `index` > 0 of an op with several outputs. */
export class PickNode<A> extends Node {
  readonly parents: readonly Node[];

  constructor(
    private readonly source: MultiOpNode<A>,
    private readonly index: number,
  ) {
    super();
    this.parents = [source];
  }

  override propagate(): void {
    const { source, index } = this;
    if (source.others === null) source.others = [];
    source.others[index - 1] = this.grad;
  }

  override release(): void {}
}
