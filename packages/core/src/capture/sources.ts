/**
 * Where the inputs of a recording come from: made inside, or tensors from outside and their copies.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import { GradientError } from "../errors.js";
import { isContiguous, sizeOf } from "../shape.js";
import type { TensorCore } from "../tensor/core.js";
import type { Progress } from "./call.js";
import { Copy, Outside, Role } from "./outside.js";
import type { Event, Memory, Source } from "./plan.js";

export class Sources {
  private readonly roles = new Map<TensorCore, Role>();
  private readonly outsides = new Map<TensorCore, Outside>();

  constructor(
    private readonly memory: Memory,
    private readonly progress: Progress,
  ) {}

  /** Takes over what is known of tensors from outside from an event of an earlier call. */
  know(event: Event): void {
    if (event.kind === "assign") {
      for (const role of [event.target, event.whole]) if (typeof role !== "number") this.roles.set(role.tensor, role);
    }
    if (event.kind !== "op") return;
    for (const source of event.sources) {
      if (typeof source === "number") continue;
      this.outsides.set(source.role.tensor, source);
      this.roles.set(source.role.tensor, source.role);
      this.roles.set(source.base.tensor, source.base);
    }
  }

  /** The part that a tensor from outside plays. */
  role(x: TensorCore): Role {
    let role = this.roles.get(x);
    if (role === undefined) {
      role = new Role(x);
      this.roles.set(x, role);
    }
    this.progress.cast.give(x, role, true);
    return role;
  }

  /** @throws GradientError for a tensor with a history outside of this call */
  source(where: string, x: TensorCore, shared = false): Source {
    const { lease, cast: roles } = this.progress;
    if (x.lease === lease) return x.slot;
    const known = this.outsides.get(x);
    // Throws when x is left over from an earlier call.
    const array = x.lease === null ? x.layout : x.array;
    const { requiresGrad, isLeaf } = x;
    if (known?.array === array && (known.edge === x.edge() || known.isRewritten(x.edge()))) return known;
    if (requiresGrad && !isLeaf && !this.progress.rewritten.has(x.base)) {
      throw new GradientError(
        `capture: '${where}' was given a tensor that has a history outside of this call of the captured function. ` +
          "Expected tensors without history, or computed in this call: detach() it, or compute it inside",
      );
    }
    const outside = new Outside(
      this.role(x),
      this.role(x.base),
      shared || (isLeaf && requiresGrad) ? this.sharedCopy(x) : undefined,
    );
    outside.run = roles.run;
    this.memory.known.add(outside.data);
    this.memory.outsides.set(outside.data, outside);
    this.outsides.set(x, outside);
    return outside;
  }

  /** The copy of a parameter, or of what an optimiser keeps for one, that all ways share, if it is not in use here. */
  private sharedCopy(x: TensorCore): Copy | undefined {
    const { layout } = x;
    if (layout.dtype !== "float32" || !isContiguous(layout.shape, layout.strides)) return undefined;
    const { work, outsides } = this.memory;
    const span = sizeOf(layout.shape);
    let copy = work.copies.get(x);
    if (copy === undefined) {
      copy = new Copy(layout, span);
      work.copies.set(x, copy);
    }
    return copy.span === span && !outsides.has(copy.data) ? copy : undefined;
  }

  /** The array that an op gets for an input. */
  arrayOf(source: Source, x: TensorCore): NdArray {
    if (typeof source === "number") return x.array;
    this.refresh(source);
    return source.standIn;
  }

  /** Copies the numbers of a tensor from outside if they are not those that were copied last. */
  private refresh(outside: Outside): void {
    const { copy } = outside;
    if (outside.fresh && !copy.onDevice) return;
    copy.leave();
    copy.data.set(outside.numbers());
    copy.onDevice = false;
    outside.seen();
  }

  /** Before an array is read: views of tensors from outside follow changes of these. */
  open(array: NdArray): void {
    const origin = this.memory.outsides.get(array.data);
    if (origin !== undefined) this.refresh(origin);
  }

  /** The part that a tensor has been met in, if it has. */
  knownRole(x: TensorCore): Role | undefined {
    return this.roles.get(x);
  }
}

export const isDense = (x: NdArray): boolean => x.offset === 0 && isContiguous(x.shape, x.strides);
