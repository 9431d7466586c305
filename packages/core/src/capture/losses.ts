/**
 * Cross-entropies of single rows, as a loop over time steps has them: put off until somebody needs what they give or changes what they
 * read, and then worked out together, which takes a fraction of the time. Sums of the losses wait with them.
 *
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { Kernels } from "../kernels/index.js";
import { crossEntropyRoom } from "../kernels/wasm.js";
import { type Device, instructions } from "./device.js";
import type { Step } from "./log.js";
import { argsOf, place } from "./sums.js";

/** Rows of more classes gain nothing. */
const MOST_CLASSES = 32;

/** What all rows of one group have in common. */
interface Form {
  readonly n: number;
  readonly sums: boolean;
  readonly hasTarget: boolean;
  readonly hasSlope: boolean;
}

const sameForm = (a: Form, b: Form): boolean =>
  a.n === b.n && a.sums === b.sums && a.hasTarget === b.hasTarget && a.hasSlope === b.hasSlope;

export class Losses {
  private form: Form | null = null;
  private losses: Step[] = [];
  /** For each loss the addresses of its logits, target, class, loss and slope. */
  private addresses: number[] = [];
  /** What is to be done after them, in order. */
  private after: Step[] = [];
  /** Arrays of all that waits. */
  private readonly reads = new Set<TypedArray>();
  private readonly writes = new Set<TypedArray>();

  /**
   * @param before is told of every step before it is done
   */
  constructor(
    private readonly before: (step: Step) => void,
    private readonly compile: (step: Step) => void,
    private readonly device: Device,
  ) {}

  /** Puts a step off, if it is of this kind; does what waits if another step needs that. */
  take(step: Step): boolean {
    if (this.takeLoss(step)) return true;
    if (!this.touches(step)) return false;
    if (argsOf(step, "binary") === null) {
      this.finish();
      return false;
    }
    this.after.push(step);
    this.note(step);
    return true;
  }

  /** Whether a step must not be done before what waits. */
  touches({ reads, writes }: Step): boolean {
    if (this.losses.length === 0) return false;
    return reads.some((data) => this.writes.has(data)) || writes.some((data) => this.reads.has(data));
  }

  private takeLoss(step: Step): boolean {
    const args = argsOf(step, "crossEntropy") as Parameters<Kernels["crossEntropy"]> | null;
    if (args === null) return false;
    const [rows, n, x, xo, target, to, index, weight, , reduction, loss, lo, slope, so] = args;
    if (rows !== 1 || n === 0 || n > MOST_CLASSES || weight !== null) return false;
    const form: Form = { n, sums: reduction !== "none", hasTarget: target !== null, hasSlope: slope !== null };
    if (this.touches(step) || (this.form !== null && !sameForm(form, this.form))) this.finish();
    this.form = form;
    this.losses.push(step);
    this.note(step);
    const { device } = this;
    const at = (data: TypedArray | null, offset: number): number =>
      data === null ? 0 : place(device, { data, offset });
    this.addresses.push(
      at(x, xo),
      at(target, to),
      index === null ? 0 : device.listOf(index),
      at(loss, lo),
      at(slope, so),
    );
    return true;
  }

  private note({ reads, writes }: Step): void {
    for (const data of reads) this.reads.add(data);
    for (const data of writes) {
      this.reads.add(data);
      this.writes.add(data);
    }
  }

  /** Does what waits. */
  finish(): void {
    const { form, losses, addresses, after, device } = this;
    if (form === null) return;
    this.form = null;
    this.losses = [];
    this.addresses = [];
    this.after = [];
    this.reads.clear();
    this.writes.clear();
    for (const step of losses) this.before(step);
    if (losses.length === 1) {
      this.compile(losses[0] as Step);
    } else {
      const { n, sums } = form;
      const room = device.scratchFor(96 * n + 64 + crossEntropyRoom(n));
      device.emit(instructions.crossEntropyEach, losses.length, n, +sums, device.listOf(addresses), room);
    }
    for (const step of after) {
      this.before(step);
      this.compile(step);
    }
  }
}
