/**
 * What every tensor has beside its numbers: a place on the tape and a gradient; and how ops run and are recorded.
 *
 * @module
 */

import { cast, copyInto, copyOf, countChange, fullArray, type NdArray, noteChange, toFlat } from "../array.js";
import { runBackward } from "../backward.js";
import { isFloat } from "../dtype.js";
import { checkOptions, DTypeError, describe, GradientError, OptionError, ShapeError, shapeText } from "../errors.js";
import { assignPart, replaceAll } from "../ops/assign.js";
import { binary } from "../ops/elementwise.js";
import type { Op } from "../ops/op.js";
import { formatTensor } from "../print.js";
import { isContiguous, sameShape } from "../shape.js";
import { type GradientHolder, isRecording, LeafNode, type Node, OpNode, withRecording } from "../tape.js";
import type { Tensor } from "../tensor.js";
import { alias, apply, applyNow } from "./apply.js";
import { TensorNumbers, type ViewSource } from "./numbers.js";
import { type Change, type Lease, session } from "./session.js";

export { apply, applyMulti, recall, recallMulti } from "./apply.js";

/**
 * The ground floor of {@link Tensor}: its place on the tape, its gradient, changes in place. The methods stand in storeys above it,
 * views, arithmetic and reductions, because one class of all of them would be too long to read.
 */
export abstract class TensorCore extends TensorNumbers implements GradientHolder {
  /** Whether `backward()` leaves a gradient here. Settable on leaves of floating dtype only. */
  get requiresGrad(): boolean {
    return this.wantsGrad || this.edge() !== null;
  }

  set requiresGrad(wanted: boolean) {
    if (typeof wanted !== "boolean")
      throw new OptionError(`requiresGrad: expected true or false, got ${describe(wanted)}`);
    if (wanted && !isFloat(this.dtype)) {
      throw new DTypeError(
        `requiresGrad: expected a float32 or float64 tensor, got ${this.dtype}. Convert with .to("float32") first`,
      );
    }
    if (!this.isLeaf) {
      if (wanted) return;
      throw new GradientError(
        "requiresGrad: expected a leaf, got the result of an operation. Use detach() to leave the graph",
      );
    }
    this.wantsGrad = wanted;
    noteChange();
    if (!wanted) this.node = null;
    if (this.lease !== null) session()?.marked(this, wanted ? "leaf" : "no leaf");
  }

  /** Made by the user rather than by a recorded operation. */
  get isLeaf(): boolean {
    const node = this.edge();
    return node === null || node instanceof LeafNode;
  }

  // ---- numbers in and out -------------------------------------------------------------------------------------------

  /**
   * The numbers without their history: a detached alias on the same memory, as in PyTorch.
   * Assigning takes over the memory of another tensor of the same dtype; an optimiser made before goes on with it.
   */
  get data(): Tensor {
    return this.detach();
  }

  set data(value: Tensor) {
    if (!(value instanceof TensorCore))
      throw new OptionError(`data: expected a Tensor, got ${describe(value)}. Make one with tensor(…)`);
    if (value.dtype !== this.dtype) {
      throw new DTypeError(`data: expected dtype ${this.dtype}, got ${value.dtype}. Convert with .to("${this.dtype}")`);
    }
    this.array = value.ownArray();
  }

  /** As PyTorch prints it. */
  override toString(): string {
    const { dtype, shape } = this;
    return formatTensor({ dtype, shape, values: toFlat(this.array), requiresGrad: this.wantsGrad });
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  // ---- gradients ------------------------------------------------------------------------------------------------------

  /** For the library's own use: the node at which gradients for this tensor arrive, or null when it has none. */
  edge(): Node | null {
    if (this.numbers === null) this.lease?.unveil(this);
    if (this.source !== null && this.source.rewriting !== this.source.base.rewritings) this.followBase(this.source);
    if (this.node === null && this.wantsGrad) this.node = this.leafNode();
    return this.node;
  }

  private leafNode(): Node {
    noteChange();
    return new LeafNode(this);
  }

  /** The base's history was rewritten by a change in place: takes the view again from what the base is now. */
  private followBase(source: ViewSource): void {
    noteChange();
    source.rewriting = source.base.rewritings;
    withRecording(true, () => {
      this.node = this.viewOf(source.base).edge();
    });
  }

  /** The view that this one is of its base, taken of another tensor. */
  private viewOf(other: TensorCore): TensorCore {
    return this.viewSteps().reduceRight<TensorCore>((x, { op, attrs }) => applyNow(op, [x], attrs), other);
  }

  receiveGradient(g: NdArray, owned: boolean): void {
    const captured = session();
    if (this.grad !== null) {
      const before = captured === null ? this.grad.array : captured.standing(this.grad);
      this.grad = this.create(binary("add", before, g, g.shape));
    } else {
      this.grad = this.create(owned && isContiguous(g.shape, g.strides) ? g : copyOf(g));
    }
    captured?.received(this);
  }

  /**
   * Adds d(this)/d(leaf) into `.grad` of every leaf this tensor was made from. First-order gradients only.
   *
   * @param options.gradient what to start from; needed unless this tensor has one element (default 1)
   * @param options.retainGraph keep what the pass needs, so that it can run again (default false)
   * @throws GradientError without a recorded history, when it has been freed, or when a change in place has spoiled it
   */
  backward(options?: { readonly gradient?: Tensor; readonly retainGraph?: boolean }): void {
    if ((options as unknown) instanceof TensorCore)
      throw new OptionError("backward: expected options, got a Tensor. Pass the gradient as { gradient }");
    checkOptions("backward", options, ["gradient", "retainGraph"]);
    this.checkLease();
    const root = this.edge();
    if (root === null) {
      throw new GradientError(
        "backward: expected a tensor computed from one with requiresGrad, got one without history. " +
          "Was it made under noGrad(), from detach()ed tensors, or from data only?",
      );
    }
    const gradient = options?.gradient;
    if (gradient !== undefined) checkTensor("backward: gradient", gradient);
    if (gradient === undefined && this.numel() !== 1) {
      throw new GradientError(
        `backward: expected a tensor of one element, such as a loss, got shape ${shapeText(this.shape)}. ` +
          "Reduce it with sum() or mean(), or pass { gradient }",
      );
    }
    if (gradient !== undefined && !sameShape(gradient.shape, this.shape)) {
      throw new ShapeError(
        `backward: expected a gradient of shape ${shapeText(this.shape)}, got ${shapeText(gradient.shape)}`,
      );
    }
    const retainGraph = options?.retainGraph ?? false;
    const captured = session();
    if (captured !== null) captured.backward(this, gradient ?? null, retainGraph);
    else this.runBackward(gradient === undefined ? null : this.startFrom(gradient), retainGraph);
  }

  private startFrom({ array }: Tensor): NdArray {
    return array.dtype === this.dtype ? array : cast(array, this.dtype);
  }

  /** For the library's own use: the pass itself, arguments checked; `start` is not written to, null stands for ones. */
  runBackward(start: NdArray | null, retainGraph: boolean): void {
    runBackward(this.edge() as Node, start ?? fullArray(this.dtype, this.shape, 1), retainGraph);
  }

  /** For `capture`: whether numbers and place on the tape are still these, for a tensor that is no view. */
  isStill(array: NdArray, edge: Node | null): boolean {
    // A leaf that wants a gradient gets its node when somebody asks for it.
    if (edge === null && this.wantsGrad) return false;
    return this.numbers === array && this.node === edge && this.source === null;
  }

  /** For `capture`: makes this tensor number `slot` of those that were made in a call. */
  lend(lease: Lease, slot: number): void {
    this.lease = lease;
    this.slot = slot;
  }

  /** For `capture`: gives a tensor that nobody has looked at its layout and place on the tape; `from` is what it is a view of. */
  unveil(array: NdArray, edge: Node | null, from: TensorCore | null, op: Op<unknown>, attrs: unknown): void {
    this.numbers = array;
    this.node = edge;
    if (from !== null) this.followAs(from, op, attrs);
  }

  private followAs(from: TensorCore, op: Op<unknown>, attrs: unknown): void {
    const base = from.source?.base ?? from;
    this.source = { base, from, op, attrs, rewriting: base.rewritings };
  }

  get isVeiled(): boolean {
    return this.numbers === null;
  }

  /** For `capture`: puts this tensor at another place on the tape. */
  takeHistory(node: Node | null): void {
    noteChange();
    this.node = node;
    if (node !== null && this.retains) node.holder = this;
  }

  /** Asks `backward()` to leave a gradient here too, though this tensor is no leaf. */
  retainGrad(): this {
    const node = this.edge();
    if (node === null)
      throw new GradientError("retainGrad: expected a tensor that requires a gradient, got one that does not");
    if (!(node instanceof LeafNode) && !this.retains) {
      this.retain();
      node.holder = this;
      if (this.lease !== null) session()?.marked(this, "retain");
    }
    return this;
  }

  /** The same numbers in the same memory without history. */
  detach(): Tensor {
    return session() === null ? this.create(this.array) : apply(alias, [this], undefined);
  }

  // ---- changes in place -----------------------------------------------------------------------------------------------

  /**
   * Overwrites all elements with `value`, of equal shape and dtype, history included.
   * A view's base gets a history in which that part was replaced; other views follow when they are next used.
   */
  protected assign(where: string, value: Tensor): this {
    const whole = this.source?.base ?? this;
    const record = isRecording();
    if (record && whole.isLeaf && whole.requiresGrad) {
      throw new GradientError(
        `${where}: expected a tensor that may be changed, got ${this.source ? "a view of " : ""}a leaf that requires a gradient. ` +
          "Change it under noGrad(), or change a clone()",
      );
    }
    if (this.layout.strides.some((step, axis) => step === 0 && (this.shape[axis] as number) > 1)) {
      throw new ShapeError(
        `${where}: expected elements with memory of their own, got shape ${shapeText(this.shape)} stretched by expand. Change a clone()`,
      );
    }
    const change: Change = {
      target: this,
      whole,
      value,
      recorded: record,
      copy: (from) => this.takeNumbers(from),
      count: () => countChange(this.layout.memory),
      rewrite: () => record && this.rewriteHistory(whole, value),
    };
    const captured = session();
    if (captured !== null) {
      captured.assign(change);
    } else {
      change.copy(value.array);
      change.count();
      change.rewrite();
    }
    return this;
  }

  private takeNumbers(from: NdArray): void {
    const to = this.array;
    copyInto(from.data === to.data ? copyOf(from) : from, to);
  }

  private rewriteHistory(whole: TensorCore, value: Tensor): void {
    noteChange();
    const from = value.edge();
    const before = whole.edge();
    if (from === null && before === null) return;
    const { layout } = this;
    if (this.source === null) {
      this.node = from && new OpNode(replaceAll, [from], [value.layout], layout, { array: layout });
    } else {
      const partOf = (array: NdArray): NdArray => this.viewOf(this.create(array)).array;
      whole.node = new OpNode(assignPart, [before, from], [whole.layout, value.layout], whole.layout, { partOf });
    }
    whole.countRewriting();
  }

  /** For `capture`: the tensor that this is a view of, or this one. */
  get base(): TensorCore {
    return this.source?.base ?? this;
  }

  /** For `capture`: how this view was taken of its base, last step first; nothing for a tensor that is no view. */
  viewSteps(): readonly { readonly op: Op<unknown>; readonly attrs: unknown }[] {
    const steps: ViewSource[] = [];
    for (let { source } = this as TensorCore; source !== null; source = source.from.source) steps.push(source);
    return steps;
  }

  /** Applies a view op and remembers where the view came from. */
  protected takeView<A>(op: Op<A>, attrs: A): Tensor {
    const plain = session() === null && this.edge() === null;
    const result = plain ? this.create(op.forward([this.array], attrs)) : apply(op, [this], attrs);
    if (!result.isVeiled && result.layout.memory === this.layout.memory)
      result.followAs(this, op as Op<unknown>, attrs);
    return result;
  }

  /** For the library's own use: whether this is a part of a tensor that is filled piece by piece, as in `h[t] = f(h[t - 1])`. */
  mayBeOverwritten(): boolean {
    return this.source !== null && this.layout.memory.version > 0 && !this.source.base.wantsGrad;
  }

  /** For the library's own use: a tensor around `array`, without history. */
  abstract create(array: NdArray): Tensor;

  /** For the library's own use: a tensor around `array` that `node` has made. */
  withHistory(array: NdArray, node: Node): Tensor {
    const result = this.create(array);
    (result as TensorCore).node = node;
    return result;
  }

  /** This tensor, for the compiler: the class has one subclass family only. */
  protected get self(): Tensor {
    return this as unknown as Tensor;
  }
}

/** Runs `body` without recording gradients and returns what it returns. */
export const noGrad = <R>(body: () => R): R => switched("noGrad", false, body);

/** Runs `body` with recording switched on again, inside `noGrad`. */
export const enableGrad = <R>(body: () => R): R => switched("enableGrad", true, body);

function switched<R>(where: string, recording: boolean, body: () => R): R {
  if (typeof body !== "function") {
    throw new OptionError(`${where}: expected a function, as in ${where}(() => net.forward(x)), got ${describe(body)}`);
  }
  const result = withRecording(recording, body);
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
    throw new OptionError(
      `${where}: expected a function that is done when it returns, got a promise: after its first await, recording is as it was before. ` +
        `Await outside, and call ${where} around the calculation alone`,
    );
  }
  return result;
}

/** @throws OptionError unless `value` is a Tensor */
export function checkTensor(where: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof TensorCore))
    throw new OptionError(`${where}: expected a Tensor, got ${describe(value)}. Make one with tensor(…)`);
}
