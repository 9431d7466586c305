/**
 * Where one captured function works: the memory that all its ways share, and copies of tensors from outside that all of them use.
 *
 * @module
 */
import type { NdArray } from "../array.js";
import type { TensorCore } from "../tensor/core.js";
import { Device } from "./device.js";
import type { Copy } from "./outside.js";

/** Arrays that take more than this altogether stay where they are. */
const LARGE = 1024 * 1024 * 1024;

export class Workplace {
  /** Copies of parameters and of what optimisers keep for them: the same for all ways. */
  readonly copies = new WeakMap<TensorCore, Copy>();
  /** The call that is going on, which may have put things off. */
  active: { flush(): void } | null = null;
  /** What has been laid out, in bytes, and what of it is not needed any more. */
  bytes = 0;
  lost = 0;
  device: Device | null | undefined;

  /** The memory for arrays of so many bytes; null when that is too much, or there is no WebAssembly. */
  deviceFor(bytes: number): Device | null {
    if (this.bytes + bytes > LARGE) return null;
    this.bytes += bytes;
    if (this.device === undefined) this.device = Device.start();
    return this.device;
  }

  /** Whether most of the memory holds nothing that is needed. */
  get isWasted(): boolean {
    return this.lost > this.bytes / 2 && this.lost > LARGE / 64;
  }

  /** Copies numbers that have been changed here to the array they belong to. */
  readonly bring = (copy: Copy, { data, offset }: NdArray): void => {
    this.active?.flush();
    if (copy.onDevice && this.device) this.device.copyOut(copy, data, offset);
    else for (let i = 0; i < copy.span; i++) data[offset + i] = copy.data[i] as number;
  };
}
