/**
 * What stays in the memory of WebAssembly from one call to the next: weights that are read again and again and do not change in between,
 * as when a network writes one symbol after the other.
 *
 * @module
 */

/** All of it together, in bytes. When it is full, everything makes room. */
const MOST = 32 * 1024 * 1024;

/** Something made of arrays as they were after so many changes. */
interface Resident {
  readonly first: Float32Array | null;
  readonly second: Float32Array | null;
  readonly form: number;
  version: number;
  /** Where it stands; 0 before it has been asked for twice. */
  address: number;
  /** Only what was laid out since everything made room the last time still stands. */
  age: number;
}

export class Residents {
  /** The first address behind them. */
  end: number;
  private readonly known = new WeakMap<Float32Array, Resident>();
  private age = 0;

  constructor(private readonly start: number) {
    this.end = start;
  }

  /** What they take. */
  get bytes(): number {
    return this.end - this.start;
  }

  /**
   * What was made of `array`, and perhaps two others, in a certain form. One that is new, or made of what has changed since, has the
   * address 0. Null the first time that numbers are seen: what changes at every step is not worth the room.
   */
  find(
    array: Float32Array,
    first: Float32Array | null,
    second: Float32Array | null,
    form: number,
    version: number,
  ): Resident | null {
    const known = this.known.get(array);
    if (known?.form !== form || known.first !== first || known.second !== second) {
      this.known.set(array, { first, second, form, version, address: 0, age: this.age });
      return null;
    }
    if (known.version !== version) {
      known.version = version;
      known.address = 0;
      return null;
    }
    if (known.age !== this.age) known.address = 0;
    return known;
  }

  /** Gives one a place of so many bytes, a multiple of 16; false when that is too much. */
  settle(resident: Resident, bytes: number): boolean {
    if (bytes > MOST) return false;
    if (this.bytes + bytes > MOST) {
      this.end = this.start;
      this.age++;
    }
    resident.address = this.end;
    resident.age = this.age;
    this.end += bytes;
    return true;
  }
}
