/**
 * A memory of WebAssembly in which the steps of one captured function are carried out: every array has its address, and steps are
 * instructions on addresses.
 *
 * Nothing lives here only that a user could drop: tensors from outside are copied in, results are copied out when they are looked at,
 * and the memory goes with the captured function.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import type { TypedArray } from "../dtype.js";
import { startInstance, type WasmExports, type WasmMemory } from "../kernels/wasm-machine.js";
import { execute } from "./instructions.js";
import type { Outside } from "./outside.js";

/** Instructions from one place to another. */
export interface Code {
  readonly from: number;
  readonly to: number;
}

/** Where an array stands. */
interface Place {
  readonly address: number;
  /** How many things had been carried out when the array outside of the memory was last brought up to date. */
  seen: number;
}

const PAGE = 65536;

export class Device {
  floats: Float32Array;
  ints: Int32Array;
  code = new Int32Array(4096);
  /** Places in the code. */
  length = 0;
  /** What instructions call that are not kernels. */
  readonly calls: (() => void)[] = [];
  private readonly places = new WeakMap<TypedArray, Place>();
  private readonly lists = new WeakMap<ArrayLike<number>, number>();
  private readonly viewed = new WeakMap<NdArray, NdArray>();
  private readonly views: { data: TypedArray }[] = [];
  private top: number;
  private done = 0;
  private scratch = { address: 0, bytes: 0 };

  private constructor(
    readonly exports: WasmExports,
    private readonly memory: WasmMemory,
  ) {
    this.top = exports.freeFrom();
    this.floats = new Float32Array(memory.buffer);
    this.ints = new Int32Array(memory.buffer);
  }

  static start(): Device | null {
    const instance = startInstance();
    return instance === null ? null : new Device(instance.exports, instance.memory);
  }

  /** Room for n elements, beginning at a multiple of 16 bytes; kernels may touch 16 bytes behind it. */
  take(n: number): number {
    const at = this.top;
    this.top = (at + n * 4 + 31) & ~15;
    if (this.top + 64 > this.floats.length * 4) this.grow(this.top + 64);
    return at;
  }

  /** Room that nothing holds on to from one step to the next. */
  scratchFor(n: number): number {
    if (n * 4 > this.scratch.bytes) this.scratch = { address: this.take(n), bytes: n * 4 };
    return this.scratch.address;
  }

  private grow(bytes: number): void {
    const pages = this.floats.length / (PAGE / 4);
    this.memory.grow(Math.max(Math.ceil(bytes / PAGE) - pages, pages));
    // Growing detaches the old views.
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    for (const view of this.views) view.data = this.floats;
  }

  /** The address of an array, which it gets, with what stands in it, when it has none. */
  addressOf(data: Float32Array): number {
    const known = this.places.get(data);
    if (known !== undefined) return known.address;
    const address = this.take(data.length);
    this.floats.set(data, address >> 2);
    this.places.set(data, { address, seen: this.done });
    return address;
  }

  /** An array as it is seen in this memory; one that is not of float32 as it is. */
  viewOf(array: NdArray): NdArray {
    const { data } = array;
    if (!(data instanceof Float32Array)) return array;
    const known = this.viewed.get(array);
    if (known !== undefined) return known;
    const offset = (this.addressOf(data) >> 2) + array.offset;
    const view = { ...array, data: this.floats as TypedArray, offset };
    this.viewed.set(array, view);
    this.views.push(view);
    return view;
  }

  /** The address of a list of whole numbers. */
  listOf(list: ArrayLike<number>): number {
    let address = this.lists.get(list);
    if (address === undefined) {
      address = this.take(list.length);
      this.lists.set(list, address);
      this.ints.set(list, address >> 2);
    }
    return address;
  }

  /** Follows a list whose numbers have become others. */
  refill(list: ArrayLike<number>): void {
    const address = this.lists.get(list);
    if (address !== undefined) this.ints.set(list, address >> 2);
  }

  /** Brings an array outside of the memory up to date. */
  bring(data: TypedArray): void {
    const place = this.places.get(data);
    if (place === undefined || place.seen === this.done) return;
    const from = place.address >> 2;
    const n = data.length;
    if (n <= 16) for (let i = 0; i < n; i++) data[i] = this.floats[from + i] as number;
    else data.set(this.floats.subarray(from, from + n));
    place.seen = this.done;
  }

  /** Copies an array that was written to outside of the memory in. */
  send(data: TypedArray): void {
    const place = this.places.get(data);
    if (place === undefined) return;
    this.floats.set(data, place.address >> 2);
    place.seen = this.done;
  }

  /** Copies the numbers of a tensor from outside in. */
  copyIn(outside: Outside): void {
    const to = this.addressOf(outside.data as Float32Array) >> 2;
    const { span } = outside;
    const { data, offset } = outside.array;
    const { floats } = this;
    if (span <= 16) for (let i = 0; i < span; i++) floats[to + i] = data[offset + i] as number;
    else floats.set(outside.numbers(), to);
    this.done++;
  }

  /** Something is about to be carried out: arrays outside of the memory are no longer up to date. */
  begin(): void {
    this.done++;
  }

  run(from: number, to: number): void {
    this.done++;
    execute(this, from, to);
    this.done++;
  }

  /** Adds an instruction. */
  emit(operation: number, ...operands: readonly number[]): void {
    const { length } = this;
    if (length + operands.length + 1 > this.code.length) {
      const longer = new Int32Array(this.code.length * 2);
      longer.set(this.code);
      this.code = longer;
    }
    this.code[length] = operation;
    for (let i = 0; i < operands.length; i++) this.code[length + 1 + i] = operands[i] as number;
    this.length += operands.length + 1;
  }
}
