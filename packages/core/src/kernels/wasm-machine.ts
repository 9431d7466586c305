/**
 * The WebAssembly instance and its memory: made at the first use, a scratch pad that is laid out anew for every call.
 *
 * Arrays are copied in, worked on and copied out; of what stands in this memory only copies of weights outlive a call, and nothing is lost
 * with them. The memory grows when a call needs more and is let go, instance and all, after a call that needed a great deal.
 *
 * @module
 */
import { bytesFromText } from "./bytes-as-text.js";
import { wasmText } from "./wasm-bytes.generated.js";
import type { WasmExports } from "./wasm-exports.js";
import { Residents } from "./wasm-residents.js";

/** The few members of the WebAssembly JavaScript interface that are used; core is compiled without any host's types. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly:
  | {
      readonly Memory: new (descriptor: { initial: number }) => WasmMemory;
      readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: object };
    }
  | undefined;

const PAGE = 65536;
const FIRST_PAGES = 16;
/** A memory that has grown beyond this is not kept. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** Room for the gaps between the arrays of one call. */
const GAPS = 1024;
/** Up to so many elements, a loop copies faster than `set`; */
const SHORT = 8;
/** and up to so many, faster than making a view for `set`. */
const SHORT_OF_VIEW = 24;
/** Views on the memory are kept for the next call, because making one takes longer than copying a few dozen numbers. */
const VIEWS = 64;

export class WasmMachine {
  /** The memory, until the next call lets it grow. */
  floats: Float32Array;
  private ints: Int32Array;
  private views: Float32Array[] = [];
  private readonly residents: Residents;
  private top: number;
  /** Elements that the call began with. */
  private room = 0;

  constructor(
    readonly exports: WasmExports,
    private readonly memory: WasmMemory,
  ) {
    this.residents = new Residents(exports.freeFrom());
    this.top = this.residents.end;
    this.floats = new Float32Array(memory.buffer);
    this.ints = new Int32Array(memory.buffer);
    this.forgetViews();
  }

  private forgetViews(): void {
    this.views = new Array<Float32Array>(VIEWS).fill(new Float32Array(0));
  }

  /** Begins a call that needs room for so many elements altogether. */
  begin(elements: number): void {
    this.room = elements;
    this.top = this.residents.end;
    this.reach(this.top + elements * 4 + GAPS);
  }

  /**
   * The address of what `write` made of up to four arrays in a form, n elements that outlive the call; 0 when it is not worth the room.
   * As long as `version` is the same for the same arrays, they are taken to hold the same numbers. To be asked before room is taken.
   */
  resident(
    array: Float32Array,
    first: Float32Array | null,
    second: Float32Array | null,
    third: Float32Array | null,
    form: number,
    version: number,
    n: number,
    write: (at: number) => void,
  ): number {
    const { residents, room } = this;
    const resident = residents.find(array, first, second, third, form, version);
    if (resident === null) return 0;
    if (!resident.stands) {
      const bytes = (n * 4 + 31) & ~15;
      this.reach(residents.end + bytes + room * 4 + GAPS);
      if (!residents.settle(resident, bytes)) return 0;
      this.begin(room);
      write(resident.address);
      this.begin(room);
    }
    return resident.address;
  }

  /** Lets the memory grow to so many bytes. */
  private reach(bytes: number): void {
    if (bytes <= this.floats.length * 4) return;
    this.memory.grow(Math.ceil(bytes / PAGE) - this.floats.length / (PAGE / 4));
    // Growing detaches the old views.
    this.floats = new Float32Array(this.memory.buffer);
    this.ints = new Int32Array(this.memory.buffer);
    this.forgetViews();
  }

  /** Address of room for n elements more than the call began with. */
  more(n: number): number {
    this.reach(this.top + n * 4 + GAPS);
    return this.take(n);
  }

  /** Address of room for n elements. It begins at a multiple of 16 bytes; the kernels may touch 16 bytes behind it. */
  take(n: number): number {
    const at = this.top;
    this.top = (at + n * 4 + 31) & ~15;
    return at;
  }

  /** Copies n elements in; returns where they stand. */
  copyIn(n: number, x: Float32Array, xo: number): number {
    const at = this.take(n);
    this.put(at, n, x, xo);
    return at;
  }

  put(at: number, n: number, x: Float32Array, xo: number): void {
    const to = at >> 2;
    const whole = xo === 0 && n === x.length;
    if (n <= (whole ? SHORT : SHORT_OF_VIEW)) {
      const floats = this.floats;
      for (let i = 0; i < n; i++) floats[to + i] = x[xo + i] as number;
    } else {
      this.floats.set(whole ? x : x.subarray(xo, xo + n), to);
    }
  }

  copyOut(at: number, n: number, y: Float32Array, yo: number): void {
    if (n <= SHORT) {
      const floats = this.floats;
      const from = at >> 2;
      for (let i = 0; i < n; i++) y[yo + i] = floats[from + i] as number;
    } else {
      y.set(this.view(at, n), yo);
    }
  }

  private view(at: number, n: number): Float32Array {
    const slot = ((at >> 4) ^ n) & (VIEWS - 1);
    const known = this.views[slot] as Float32Array;
    if (known.byteOffset === at && known.length === n) return known;
    const view = new Float32Array(this.memory.buffer, at, n);
    this.views[slot] = view;
    return view;
  }

  /** Copies a matrix in, closing the gaps between its rows. */
  copyInRows(rows: number, columns: number, x: Float32Array, xo: number, ld: number): number {
    if (ld === columns || rows <= 1) return this.copyIn(rows * columns, x, xo);
    const at = this.take(rows * columns);
    for (let r = 0; r < rows; r++) this.put(at + r * columns * 4, columns, x, xo + r * ld);
    return at;
  }

  copyOutRows(at: number, rows: number, columns: number, y: Float32Array, yo: number, ld: number): void {
    if (ld === columns || rows <= 1) this.copyOut(at, rows * columns, y, yo);
    else for (let r = 0; r < rows; r++) this.copyOut(at + r * columns * 4, columns, y, yo + r * ld);
  }

  /** One number written four times. */
  spread(value: number): number {
    const at = this.take(4);
    const to = at >> 2;
    this.floats.fill(value, to, to + 4);
    return at;
  }

  putIndex(at: number, n: number, index: ArrayLike<number>, from: number): void {
    const to = at >> 2;
    for (let i = 0; i < n; i++) this.ints[to + i] = index[from + i] as number;
  }

  get isLarge(): boolean {
    return this.floats.length * 4 - this.residents.bytes > KEPT_BYTES;
  }
}

/** A module and the machine that runs it, for one engine. */
export interface Host {
  /** Undefined before the first use, and where there is no WebAssembly with SIMD. */
  compiled?: object | undefined;
  /** `null` once it has turned out that there is none. */
  machine?: WasmMachine | null | undefined;
}

let host: Host = {};

/** Lets another host serve all calls; returns the one that did. */
export function exchangeHost(next: Host): Host {
  const before = host;
  host = next;
  return before;
}

/** A module from its bytes; undefined where the host has no WebAssembly with what it needs. */
export function compileBytes(bytes: Uint8Array<ArrayBuffer>): object | undefined {
  try {
    return typeof WebAssembly === "undefined" ? undefined : new WebAssembly.Module(bytes);
  } catch {
    return undefined;
  }
}

/** A module from its text. */
export const compileModule = (text: string): object | undefined => compileBytes(bytesFromText(text));

/** A new instance of a module with a memory of its own. */
export function instantiate(module: object | undefined): { exports: object; memory: WasmMemory } | null {
  if (module === undefined || typeof WebAssembly === "undefined") return null;
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES });
  return { exports: new WebAssembly.Instance(module, { env: { memory } }).exports, memory };
}

/** A new instance of the kernels; null where the host has no WebAssembly with SIMD. */
export function startInstance(): { readonly exports: WasmExports; readonly memory: WasmMemory } | null {
  host.compiled ??= compileModule(wasmText);
  return instantiate(host.compiled) as { exports: WasmExports; memory: WasmMemory } | null;
}

function start(): WasmMachine | null {
  const instance = startInstance();
  return instance === null ? null : new WasmMachine(instance.exports, instance.memory);
}

/**
 * The machine with room for a call of so many elements; `null` where there is none or the memory cannot grow so far.
 */
export function openMachine(elements: number): WasmMachine | null {
  if (host.machine === undefined) host.machine = start();
  const { machine } = host;
  if (machine === null) return null;
  try {
    machine.begin(elements);
  } catch {
    return null;
  }
  return machine;
}

/** To be called after the results have been copied out. */
export function closeMachine(): void {
  if (host.machine?.isLarge) host.machine = undefined;
}
