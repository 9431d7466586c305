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
import type { WasmExports } from "../kernels/wasm-exports.js";
import { startInstance, type WasmMemory } from "../kernels/wasm-machine.js";
import { type UpdateName, updateScalars } from "../kernels/wasm-updates.js";
import type { KernelStep } from "./log.js";
import type { Copy } from "./outside.js";

/** Numbers of the instructions in `assembly/program.ts`, which says what their operands are. */
export const instructions = {
  call: 0,
  copy: 1,
  zero: 2,
  unary: 3,
  binary: 4,
  binaryScalar: 5,
  binaryScalarLeft: 6,
  binaryRows: 7,
  sumColumns: 8,
  softmax: 9,
  logSoftmax: 10,
  softmaxGrad: 11,
  logSoftmaxGrad: 12,
  axpy: 13,
  gemm: 14,
  sumRows: 15,
  gather: 16,
  scatter: 17,
  crossEntropy: 18,
  affine: 19,
  sumOuter: 20,
  adam: 21,
  sgd: 22,
  rmsprop: 23,
  adagrad: 24,
  strided: 25,
  recurrentForward: 26,
  recurrentBackward: 27,
  cellSum: 28,
  lstmStep: 29,
  lstmStepGrad: 30,
  crossEntropyEach: 31,
  pack: 32,
  packRows: 33,
  packedRow: 34,
} as const;

/** Where an array stands. */
interface Place {
  readonly address: number;
  /** How many things had been carried out when the array outside of the memory was last brought up to date. */
  seen: number;
}

/** Weights of a recurrence packed for products: where they stand, and a mark that is 1 as long as they are as the weights are. */
interface Pack {
  readonly weights: readonly (TypedArray | null)[];
  readonly form: string;
  readonly address: number;
  readonly mark: number;
}

/** Somebody who does what the device does on numbers of its own; see `../lanes/lanes.ts`. */
export interface Follower {
  /** Numbers have been copied to an address. */
  copied(address: number, length: number): void;
  /** The function goes another way than the first time, or looks at numbers, which are those of one network. */
  refuse(what: string): never;
  /** Instructions are about to be carried out, */
  prepare(): void;
  /** and have been. */
  ran(from: number, to: number): void;
}

const PAGE = 65536;
/** Up to this many elements, a loop is through before a call has begun. */
const SHORT = 16;

export class Device {
  floats: Float32Array;
  ints: Int32Array;
  /** Instructions so far, and where the first of them stand that have been copied into the memory. */
  readonly code: number[] = [];
  follower: Follower | null = null;
  private loaded = { at: 0, room: 0, length: 0 };
  /** What instructions call that are not kernels. */
  private readonly calls: (() => void)[] = [];
  private readonly places = new WeakMap<TypedArray, Place>();
  private readonly blocks = new WeakMap<KernelStep, number>();
  private readonly lists = new WeakMap<ArrayLike<number>, number>();
  private readonly viewed = new WeakMap<NdArray, NdArray>();
  private readonly views: { data: TypedArray }[] = [];
  private readonly packs = new WeakMap<TypedArray, Pack>();
  private readonly marks = new WeakMap<TypedArray, number[]>();
  private readonly rooms = new WeakMap<TypedArray, { readonly address: number; readonly n: number }>();
  /** Arrays that instructions write to. */
  private readonly written = new WeakSet<TypedArray>();
  /** The end of what has been laid out. */
  top: number;
  private done = 0;
  private scratch = { address: 0, bytes: 0 };

  private constructor(
    private readonly exports: WasmExports,
    private readonly memory: WasmMemory,
  ) {
    this.top = exports.freeFrom();
    this.floats = new Float32Array(memory.buffer);
    this.ints = new Int32Array(memory.buffer);
  }

  /** Null where there is no WebAssembly with SIMD. */
  static start(): Device | null {
    const instance = startInstance();
    return instance === null ? null : new Device(instance.exports, instance.memory);
  }

  get length(): number {
    return this.code.length;
  }

  /** Room for n elements, beginning at a multiple of 16 bytes; kernels may touch 16 bytes behind it. */
  private take(n: number): number {
    const at = this.top;
    this.top = (at + n * 4 + 31) & ~15;
    const missing = this.top + 64 - this.floats.length * 4;
    if (missing > 0) {
      this.memory.grow(Math.max(Math.ceil(missing / PAGE), this.floats.length / (PAGE / 4)));
      // Growing detaches the old views.
      this.floats = new Float32Array(this.memory.buffer);
      this.ints = new Int32Array(this.memory.buffer);
      for (const view of this.views) view.data = this.floats;
    }
    return at;
  }

  /** Room that nothing holds on to from one instruction to the next. */
  scratchFor(n: number): number {
    if (n * 4 > this.scratch.bytes) this.scratch = { address: this.take(n), bytes: n * 4 };
    return this.scratch.address;
  }

  /** Scratch for the recurrence that stands at an address. */
  scratchForRecurrence(at: number, backward: boolean, more: number): number {
    return this.scratchFor((this.exports.recurrentRoom(at, +backward) >> 2) + more);
  }

  /**
   * Emits that the weights of the recurrence that stands at `at` be packed when they have changed, unless instructions write to them. The
   * second of them tells packs apart, `form` layouts.
   */
  pack(at: number, field: number, form: string, weights: readonly [TypedArray, TypedArray, TypedArray | null]): void {
    if (weights.some((data) => data !== null && this.written.has(data))) return;
    let pack = this.packs.get(weights[1]);
    if (pack?.form !== form || weights.some((data, i) => data !== pack?.weights[i])) {
      const address = this.take(this.exports.packRecurrence(at) >> 2);
      pack = { weights, form, address, mark: this.take(1) };
      this.put(pack.mark, 0);
      for (const data of weights) if (data !== null) this.marks.set(data, [...this.marksOf(data), pack.mark]);
      this.packs.set(weights[1], pack);
    }
    this.put(at + field * 4, pack.address);
    this.emit(instructions.pack, at, pack.mark);
  }

  /** Room for n elements that belong to an array. */
  besides(data: TypedArray, n: number): number {
    let room = this.rooms.get(data);
    if (room === undefined || room.n < n) {
      room = { address: this.take(n), n };
      this.rooms.set(data, room);
    }
    return room.address;
  }

  private marksOf(data: TypedArray): readonly number[] {
    return this.marks.get(data) ?? [];
  }

  /** Instructions about to be emitted write to an array; what was packed of it is not to be used behind them. */
  willWrite(data: TypedArray): void {
    this.written.add(data);
  }

  emitChanged(data: TypedArray): void {
    for (const mark of this.marksOf(data)) this.emit(instructions.zero, 1, mark);
  }

  /** An array has been written to from outside. */
  private changed(data: TypedArray): void {
    for (const mark of this.marksOf(data)) this.put(mark, 0);
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
      this.follower?.copied(address, list.length);
    }
    return address;
  }

  /** Writes a whole number into a list. */
  put(address: number, value: number): void {
    this.ints[address >> 2] = value;
    this.follower?.copied(address, 1);
  }

  /** Follows a list whose numbers have become others. */
  refill(list: ArrayLike<number>): void {
    const address = this.lists.get(list);
    if (address === undefined) return;
    this.ints.set(list, address >> 2);
    this.follower?.copied(address, list.length);
  }

  /** Brings an array outside of the memory up to date. */
  bring(data: TypedArray): void {
    const place = this.places.get(data);
    if (place === undefined || place.seen === this.done) return;
    const from = place.address >> 2;
    const n = data.length;
    if (n <= SHORT) for (let i = 0; i < n; i++) data[i] = this.floats[from + i] as number;
    else data.set(this.floats.subarray(from, from + n));
    place.seen = this.done;
  }

  /** Copies an array that was written to outside of the memory in. */
  send(data: TypedArray): void {
    const place = this.places.get(data);
    if (place === undefined) return;
    this.floats.set(data, place.address >> 2);
    this.changed(data);
    this.follower?.copied(place.address, data.length);
    place.seen = this.done;
  }

  /** Copies the numbers of a tensor from outside in. */
  copyIn(copy: Copy, numbers: TypedArray): void {
    const to = this.addressOf(copy.data as Float32Array) >> 2;
    const { floats } = this;
    if (copy.span <= SHORT) for (let i = 0; i < copy.span; i++) floats[to + i] = numbers[i] as number;
    else floats.set(numbers, to);
    this.changed(copy.data);
    this.follower?.copied(to << 2, copy.span);
    this.done++;
  }

  /** Copies them out again. */
  copyOut({ data, span }: Copy, to: TypedArray, offset: number): void {
    const from = this.addressOf(data as Float32Array) >> 2;
    if (span <= SHORT) for (let i = 0; i < span; i++) to[offset + i] = this.floats[from + i] as number;
    else to.set(this.floats.subarray(from, from + span), offset);
  }

  /** Where the numbers stand that an optimiser's kernel gets anew every time. */
  blockFor(step: KernelStep): number {
    const known = this.blocks.get(step);
    if (known !== undefined) return known;
    const address = this.take(16);
    this.blocks.set(step, address);
    this.refresh(step);
    return address;
  }

  refresh(step: KernelStep): void {
    const address = this.blocks.get(step);
    if (address === undefined) return;
    this.floats.set(updateScalars(step.name as UpdateName, step.args), address >> 2);
    this.follower?.copied(address, 16);
  }

  /** Something is about to be carried out: arrays outside of the memory are no longer up to date. */
  begin(): void {
    this.done++;
  }

  /** A part of a copy is about to be written to where {@link viewOf} says. */
  beginPart({ data }: Copy): void {
    this.begin();
    this.changed(data);
  }

  /** Carries out the instructions from one place to another. */
  run(from: number, to: number): void {
    this.load();
    this.follower?.prepare();
    this.done++;
    const { at } = this.loaded;
    const end = at + to * 4;
    for (let p = at + from * 4; p < end; ) {
      p = this.exports.run(p, end);
      if (p >= end) break;
      (this.calls[this.ints[(p >> 2) + 1] as number] as () => void)();
      p += 8;
    }
    this.follower?.ran(from, to);
    this.done++;
  }

  /** Copies instructions that are new into the memory. */
  private load(): void {
    const { code, loaded } = this;
    if (loaded.length === code.length) return;
    if (code.length > loaded.room) {
      const room = 2 * code.length;
      this.loaded = { at: this.take(room), room, length: 0 };
    }
    const { at, length } = this.loaded;
    for (let i = length; i < code.length; i++) this.ints[(at >> 2) + i] = code[i] as number;
    this.loaded.length = code.length;
  }

  /** Adds an instruction. */
  emit(instruction: number, ...operands: readonly number[]): void {
    this.code.push(instruction, ...operands);
  }

  /** Adds something that is no kernel. */
  call(body: () => void): void {
    this.emit(instructions.call, this.calls.push(body) - 1);
  }
}
