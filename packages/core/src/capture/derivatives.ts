/**
 * Backward steps of ops that do not keep to calls of kernels: they are carried out as they are, and written down as a whole.
 *
 * @module
 */
import { copyInto, type NdArray, observeArrays } from "../array.js";
import type { TypedArray } from "../dtype.js";
import { useKernels } from "../kernels/index.js";
import { addInPlace } from "../ops/accumulate.js";
import type { GradientSink, Gradients, MultiOp, Op } from "../ops/op.js";
import type { BackwardObserver, MultiOpNode, Node, OpNode } from "../tape.js";
import { type Log, OtherStep } from "./log.js";
import type { OpEvent } from "./plan.js";

export class Derivatives implements BackwardObserver {
  constructor(
    private readonly log: Log,
    private readonly events: ReadonlyMap<Node, OpEvent>,
  ) {}

  backward<A>(op: Op<A>, node: OpNode<A>, g: NdArray): Gradients {
    const event = this.events.get(node as Node);
    const { inputs, output } = node;
    const needs = this.fixed(node);
    const run = (): Gradients => op.backward(g, { inputs, output, attrs: (event?.attrs ?? node.attrs) as A, needs });
    return this.other(run, [...inputs, output], [g], needs);
  }

  backwardMulti<A>(op: MultiOp<A>, node: MultiOpNode<A>, g: readonly (NdArray | null)[]): Gradients {
    const event = this.events.get(node as Node) as OpEvent;
    const { inputs } = node;
    const needs = this.fixed(node);
    return this.other(
      () => op.backward(g, { inputs, kept: event.kept, attrs: event.attrs as A, needs }),
      inputs,
      g,
      needs,
    );
  }

  private fixed({ parents }: Node): (FixedSink | null)[] {
    return parents.map((parent) => parent && new FixedSink(parent, this.log));
  }

  /** Works out gradients by `run`, and the next time puts what it gives in the same places. */
  private other(
    run: () => Gradients,
    reads: readonly NdArray[],
    g: readonly (NdArray | null)[],
    sinks: readonly (FixedSink | null)[],
  ): Gradients {
    const grads = this.unwatched(run);
    if (grads === undefined) {
      const writes = dataOf(sinks.map((sink) => sink?.grad ?? null));
      this.log.add(new OtherStep(run, [...dataOf(reads), ...dataOf(g), ...writes], writes));
      return undefined;
    }
    // Parts of g need no place of their own.
    const places = grads.map((grad) => (g.some((from) => from?.data === grad?.data) ? null : grad));
    for (const place of places) if (place !== null) this.log.produced(place);
    const writes = dataOf(places);
    const again = (): void => moveAll(run() as readonly (NdArray | null)[], places);
    this.log.add(new OtherStep(again, [...dataOf(reads), ...dataOf(g), ...writes], writes));
    return grads;
  }

  /** Runs a part of what is watched without writing it down. */
  private unwatched<R>(body: () => R): R {
    const before = useKernels(this.log.base);
    const observer = observeArrays(null);
    try {
      return body();
    } finally {
      useKernels(before);
      observeArrays(observer);
    }
  }
}

const dataOf = (arrays: readonly (NdArray | null)[]): TypedArray[] => arrays.flatMap((x) => x?.data ?? []);

/** Puts results where they were put the first time. */
function moveAll(again: readonly (NdArray | null)[], first: readonly (NdArray | null)[]): void {
  first.forEach((target, i) => {
    const result = again[i];
    if (target !== null && result) copyInto(result, target);
  });
}

/** A place that gathers gradients, as it was the first time: the same array, with a sum in it or without. */
class FixedSink implements GradientSink {
  grad: NdArray | null = null;
  private adds = false;

  constructor(
    private readonly sink: GradientSink,
    private readonly log: Log,
  ) {}

  addLater(): boolean {
    return false;
  }

  receive(g: NdArray): void {
    const adds = this.into(g);
    if (adds) addInPlace(this.grad as NdArray, g);
    else copyInto(g, this.grad as NdArray);
  }

  into(like: NdArray): boolean {
    if (this.grad === null) {
      const observer = observeArrays(this.log);
      this.adds = this.sink.into(like);
      observeArrays(observer);
      this.grad = this.sink.grad as NdArray;
      this.log.meet(this.grad.data);
    }
    return this.adds;
  }
}
