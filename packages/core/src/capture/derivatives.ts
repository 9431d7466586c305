/**
 * Backward steps of ops that do not keep to calls of kernels: they are carried out as they are, and written down as a whole.
 *
 * @module
 */
import { copyInto, type NdArray, observeArrays } from "../array.js";
import type { TypedArray } from "../dtype.js";
import { useKernels } from "../kernels/index.js";
import type { MultiOp, Op } from "../ops/op.js";
import type { BackwardObserver, MultiOpNode, Node, OpNode } from "../tape.js";
import { type Log, OtherStep } from "./log.js";
import type { OpEvent } from "./plan.js";

type Gradients = readonly (NdArray | null)[];

export class Derivatives implements BackwardObserver {
  constructor(
    private readonly log: Log,
    private readonly events: ReadonlyMap<Node, OpEvent>,
  ) {}

  backward<A>(op: Op<A>, node: OpNode<A>, g: NdArray): Gradients {
    const event = this.events.get(node as Node);
    const { inputs, output, needs, attrs } = node;
    return this.other(
      () => op.backward(g, { inputs, output, attrs: (event?.attrs ?? attrs) as A, needs }),
      [...inputs, output],
      [g],
    );
  }

  addInto<A>(op: Op<A>, node: OpNode<A>, target: NdArray, g: NdArray): void {
    const event = this.events.get(node as Node);
    const { inputs, output, needs, attrs } = node;
    const run = (): void => op.addInto?.(target, g, { inputs, output, attrs: (event?.attrs ?? attrs) as A, needs });
    this.log.meet(target.data);
    this.unwatched(run);
    this.log.add(new OtherStep(run, dataOf([...inputs, output, g, target]), [target.data]));
  }

  backwardMulti<A>(op: MultiOp<A>, node: MultiOpNode<A>, g: Gradients): Gradients {
    const event = this.events.get(node as Node) as OpEvent;
    const { inputs, needs } = node;
    return this.other(() => op.backward(g, { inputs, kept: event.kept, attrs: event.attrs as A, needs }), inputs, g);
  }

  /** Works out gradients by `run`, and the next time puts what it gives in the same places. */
  private other(run: () => Gradients, reads: readonly NdArray[], g: Gradients): Gradients {
    const grads = this.unwatched(run);
    // Parts of g need no place of their own.
    const places = grads.map((grad) => (g.some((from) => from?.data === grad?.data) ? null : grad));
    for (const place of places) if (place !== null) this.log.produced(place);
    const writes = dataOf(places);
    this.log.add(new OtherStep(() => moveAll(run(), places), [...dataOf(reads), ...dataOf(g), ...writes], writes));
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

const dataOf = (arrays: Gradients): TypedArray[] => arrays.flatMap((x) => x?.data ?? []);

/** Puts results where they were put the first time. */
function moveAll(again: Gradients, first: Gradients): void {
  first.forEach((target, i) => {
    const result = again[i];
    if (target !== null && result) copyInto(result, target);
  });
}
