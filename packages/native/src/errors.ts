import { UnrollError } from "@unroll/core";

/** There is no BLAS on this machine, or not the one that was asked for, or no way to call it. */
export class BlasError extends UnrollError {
  override readonly name = "BlasError";
}
