/**
 * Networks that follow another one, four in the lanes of a vector: what a captured function does in the memory of a device is done for
 * them as well, on numbers of their own.
 *
 * An array at address p of the device stands at base + 4·p for each four of them. Everything but what {@link Lanes.own} names is the
 * same for all.
 *
 * @module
 */
import type { Device, Follower } from "../capture/device.js";
import { OptionError, UnrollError } from "../errors.js";
import { compileModule, instantiate, type WasmMemory } from "../kernels/wasm-machine.js";
import { wasmText } from "./lanes-bytes.generated.js";

interface LaneExports {
  freeFrom(): number;
  run(from: number, to: number, base: number): number;
}

const PAGE = 65536;
const LANES = 4;

/** Numbers that every network has for itself. */
interface Owned {
  readonly address: number;
  readonly length: number;
}

let compiled: object | undefined;

export const noLanes = (): UnrollError =>
  new UnrollError("trainMany: expected WebAssembly with SIMD, got none. Train one network at a time");

export class Lanes implements Follower {
  private readonly exports: LaneExports;
  private readonly memory: WasmMemory;
  private readonly groups: number;
  private readonly owned: Owned[] = [];
  private floats: Float32Array;
  private ints: Int32Array;
  /** Where the instructions stand, and how many there are so far; where the first four networks begin, and how far the next are. */
  private code = { at: 0, room: 0, length: 0 };
  private first = 0;
  private stride = 0;
  /** How much of the device's memory has been laid out here. */
  private laidOut = 0;

  constructor(
    readonly device: Device,
    networks: number,
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

  /** Makes an array of the device one that each network has for itself. */
  own(address: number, length: number): void {
    this.owned.push({ address, length });
  }

  /** Numbers of network `i` in the k-th array of its own. */
  read(i: number, k: number, to: { [at: number]: number }, offset: number): void {
    const { address, length } = this.owned[k] as Owned;
    const from = this.placeOf(i, address);
    for (let n = 0; n < length; n++) to[offset + n] = this.floats[from + n * LANES] as number;
  }

  write(i: number, address: number, from: ArrayLike<number>, length: number): void {
    const to = this.placeOf(i, address);
    for (let k = 0; k < length; k++) this.floats[to + k * LANES] = from[k] as number;
  }

  /** The number of network `i` at an address of the device. */
  at(i: number, address: number): number {
    return this.floats[this.placeOf(i, address)] as number;
  }

  private placeOf(i: number, address: number): number {
    return (this.baseOf(i >> 2) >> 2) + address + (i & 3);
  }

  private baseOf(group: number): number {
    return this.first + group * this.stride;
  }

  /** Lays out what is new in the device's memory for all networks. What they have so far stays. */
  layOut(): void {
    const { top, floats, code } = this.device;
    const before = { first: this.first, stride: this.stride };
    const at = this.exports.freeFrom();
    const room = Math.max(this.code.room, 2 * code.length + 64);
    this.code = { at, room, length: 0 };
    this.first = (at + room * 4 + 63) & ~63;
    this.stride = (top * LANES + 127) & ~63;
    this.reserve(this.first + this.groups * this.stride);
    const known = this.laidOut >> 2;
    // From the last to the first, each to a place behind where it was.
    for (let group = this.groups - 1; group >= 0; group--) {
      const from = (before.first + group * before.stride) >> 2;
      this.floats.copyWithin(this.baseOf(group) >> 2, from, from + known * LANES);
    }
    this.laidOut = top;
    this.spread(known, top >> 2, floats);
  }

  private reserve(bytes: number): void {
    const missing = bytes - this.floats.length * 4;
    if (missing <= 0) return;
    this.memory.grow(Math.ceil(missing / PAGE));
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
  }

  /** Writes numbers of the device, from one place to another, into every lane. */
  private spread(from: number, to: number, numbers: Float32Array): void {
    const { floats } = this;
    for (let group = 0; group < this.groups; group++) {
      let p = (this.baseOf(group) >> 2) + from * LANES;
      for (let i = from; i < to; i++) {
        const value = numbers[i] as number;
        for (let lane = 0; lane < LANES; lane++) floats[p++] = value;
      }
    }
  }

  copied(address: number, length: number): void {
    if (this.laidOut === 0 || address >= this.laidOut) return;
    if (this.owned.some((one) => one.address === address)) return;
    this.spread(address >> 2, (address >> 2) + length, this.device.floats);
  }

  refuse(what: string): never {
    throw new OptionError(
      `trainMany: the step ${what}. All networks do what the first one does, with numbers of their own, so expected a step without item(), ` +
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
    const [start, end] = [this.code.at + from * 4, this.code.at + to * 4];
    for (let group = 0; group < this.groups; group++) {
      if (this.exports.run(start, end, this.baseOf(group)) !== end)
        throw new UnrollError(
          "trainMany: the step does something that cannot be done for several networks at once. " +
            "Expected products, element-wise functions, sums, softmax and its losses, embeddings, recurrent layers and optimisers in float32; " +
            "train one network at a time otherwise",
        );
    }
  }
}
