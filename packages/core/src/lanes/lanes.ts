/**
 * Networks that follow another one, four in the lanes of a vector: what a captured function does in the memory of a device is done for
 * them as well, on numbers of their own.
 *
 * There is a workplace, in which an array at address p of the device stands at 4·p, each number four times. Four networks after four
 * others go through a step in it: what {@link Lanes.own} names is brought in from their store and taken out again, all else is either
 * the same for all networks or made anew in every step. With a second workplace eight networks go at once, so that recurrences, where
 * every step waits for the one before, can take turns.
 *
 * @module
 */
import type { Device, Follower } from "../capture/device.js";
import { OptionError, UnrollError } from "../errors.js";
import { compileModule, instantiate, type WasmMemory } from "../kernels/wasm-machine.js";
import { wasmText } from "./lanes-bytes.generated.js";

interface LaneExports {
  freeFrom(): number;
  /** `apart` 0 when there is nothing in the second workplace. */
  run(from: number, to: number, base: number, apart: number): number;
  /** `back` 0 or 1. */
  exchange(list: number, end: number, store: number, base: number, back: number): void;
}

const PAGE = 65536;
const LANES = 4;
const WORKPLACES = 2;

/** Numbers that every network has for itself, and how many others stand before them in the store. */
interface Owned {
  readonly address: number;
  readonly length: number;
  readonly before: number;
}

let compiled: object | undefined;

export const noLanes = (): UnrollError =>
  new UnrollError("trainMany: expected WebAssembly with SIMD, got none. Train one network at a time");

const unable = (what: string): UnrollError =>
  new UnrollError(
    `trainMany: the step ${what}. ` +
      "Expected products, element-wise functions, sums, softmax and its losses, embeddings, recurrent layers and optimisers in float32; " +
      "train one network at a time otherwise",
  );

export class Lanes implements Follower {
  private readonly exports: LaneExports;
  private readonly memory: WasmMemory;
  private readonly groups: number;
  private readonly owned: Owned[] = [];
  /** How many numbers a network has for itself. */
  private width = 0;
  private floats: Float32Array;
  private ints: Int32Array;
  /** Where things begin: the stores of all networks, the list of what is in them, instructions, the first workplace. */
  private store = 0;
  private list = 0;
  private code = { at: 0, room: 0, length: 0 };
  private base = 0;
  /** How far workplaces are from each other, in bytes. */
  private apart = 0;
  /** How much of the device's memory has been laid out in the workplace, in bytes. */
  private laidOut = 0;
  /** Instructions that the first network has carried out in this step, and the others have not. */
  private readonly due: (readonly [from: number, to: number])[] = [];

  constructor(
    readonly device: Device,
    private readonly networks: number,
  ) {
    compiled ??= compileModule(wasmText);
    const started = instantiate(compiled);
    if (started === null) throw noLanes();
    this.exports = started.exports as LaneExports;
    this.memory = started.memory;
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.groups = Math.ceil(networks / LANES);
  }

  /** Makes an array of the device one that each network has for itself. Comes before {@link layOut}. */
  own(address: number, length: number): void {
    this.owned.push({ address, length, before: this.width });
    this.width += length;
  }

  /** Numbers of network `i` in the k-th array of its own. */
  read(i: number, k: number, to: { [at: number]: number }, offset: number): void {
    const { length } = this.owned[k] as Owned;
    const from = this.placeOf(i, k);
    for (let n = 0; n < length; n++) to[offset + n] = this.floats[from + n * LANES] as number;
  }

  /** Whether network `i` has these numbers, from an offset on, in the k-th array of its own. */
  has(i: number, k: number, numbers: ArrayLike<number>, offset: number): boolean {
    const { length } = this.owned[k] as Owned;
    const from = this.placeOf(i, k);
    for (let n = 0; n < length; n++) if (!Object.is(numbers[offset + n], this.floats[from + n * LANES])) return false;
    return true;
  }

  write(i: number, k: number, from: ArrayLike<number>, offset: number): void {
    const { length } = this.owned[k] as Owned;
    const to = this.placeOf(i, k);
    for (let n = 0; n < length; n++) this.floats[to + n * LANES] = from[offset + n] as number;
  }

  private placeOf(i: number, k: number): number {
    return (this.storeOf(i >> 2) >> 2) + (this.owned[k] as Owned).before * LANES + (i & 3);
  }

  private storeOf(group: number): number {
    return this.store + group * this.width * LANES * 4;
  }

  /** Lays the device's memory out. */
  layOut(): void {
    const { top, code } = this.device;
    this.store = this.exports.freeFrom();
    this.list = this.storeOf(this.groups);
    const at = (this.list + this.owned.length * 8 + 15) & ~15;
    const room = Math.max(this.code.room, 2 * code.length + 64);
    this.code = { at, room, length: 0 };
    this.base = (at + room * 4 + 63) & ~63;
    this.apart = top * LANES + 64;
    this.reserve(this.base + Math.min(this.groups, WORKPLACES) * this.apart);
    this.laidOut = top;
    this.spread(0, top);
    this.owned.forEach(({ address, length }, k) => {
      this.ints.set([address, length], (this.list >> 2) + 2 * k);
    });
  }

  private reserve(bytes: number): void {
    const missing = bytes - this.floats.length * 4;
    if (missing <= 0) return;
    this.memory.grow(Math.ceil(missing / PAGE));
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
  }

  /** Writes what stands between two addresses of the device into every lane. */
  private spread(from: number, to: number): void {
    const { ints, base, apart, device } = this;
    const start = (base >> 2) + from;
    let p = start;
    for (let i = from >> 2; i < to >> 2; i++) {
      const word = device.ints[i] as number;
      for (let lane = 0; lane < LANES; lane++) ints[p++] = word;
    }
    if (this.groups > 1) ints.copyWithin(start + (apart >> 2), start, p);
  }

  copied(address: number, length: number): void {
    if (this.laidOut === 0 || address >= this.laidOut) return;
    if (this.owned.some((one) => one.address === address)) return;
    if (this.due.length > 0) throw unable("brings in data when a part of it has been done already");
    this.spread(address, address + length * 4);
  }

  refuse(what: string): never {
    throw new OptionError(
      `trainMany: the step ${what}. All networks do what the first one does, with numbers of their own, so expected a step on data made beforehand, without item(), ` +
        "printing, clipGradNorm, clipGradValue and decisions, that does the same every time and calls zeroGrad(). " +
        "Return the loss to follow it; train one network at a time otherwise",
    );
  }

  prepare(): void {
    const { code, top } = this.device;
    if (top > this.laidOut || code.length > this.code.room) this.layOut();
    for (let i = this.code.length; i < code.length; i++) this.ints[(this.code.at >> 2) + i] = code[i] as number;
    this.code.length = code.length;
  }

  ran(from: number, to: number): void {
    this.due.push([from, to]);
  }

  /** Lets the others do what the first network has done in this step; the number at an address goes to `results`, from 1 on. */
  follow(address: number, results: Float32Array): void {
    const { exports, base, apart, list, floats, groups, networks } = this;
    const listEnd = list + this.owned.length * 8;
    const result = (base >> 2) + address;
    const exchange = (group: number, places: number, back: number): void => {
      for (let i = 0; i < places; i++) exports.exchange(list, listEnd, this.storeOf(group + i), base + i * apart, back);
    };
    for (let group = 0; group < groups; group += WORKPLACES) {
      const places = Math.min(groups - group, WORKPLACES);
      exchange(group, places, 0);
      for (const [from, to] of this.due) {
        const end = this.code.at + to * 4;
        if (exports.run(this.code.at + from * 4, end, base, places > 1 ? apart : 0) !== end)
          throw unable("does something that cannot be done for several networks at once");
      }
      exchange(group, places, 1);
      for (let i = group * LANES, n = 0; n < places * LANES && i < networks; i++, n++)
        results[i + 1] = floats[result + (n >> 2) * (apart >> 2) + (n & 3)] as number;
    }
    this.due.length = 0;
  }
}
