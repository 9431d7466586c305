/**
 * The system's BLAS: where it may lie, how it is opened and called.
 *
 * What is called is the C interface, `cblas_sgemm` and `cblas_dgemm` with 32-bit sizes, which every BLAS below offers
 * under the same names, and Fortran's where there is no other.
 *
 * @module
 */
import { createRequire } from "node:module";
import { checkOptions, OptionError } from "@unroll/core";
import type { LibraryHandle } from "koffi";
import { BlasError } from "./errors.js";
import { type Address, cProducts, fortranProducts, type Products } from "./gemm.js";
import { type Packing, packingOf } from "./packing.js";

type Koffi = typeof import("koffi");

export interface BlasOptions {
  /** Name or path of the library. Default: the environment variable UNROLL_BLAS, else the first one found by name. */
  readonly library?: string;
  /**
   * Threads for one product. Default: the environment variable UNROLL_BLAS_THREADS, else 1, because products of
   * recurrent networks are small, results then do not depend on the machine's load, and several runs may share it.
   */
  readonly threads?: number;
}

/** What was opened, for messages and tables. */
export interface BlasInfo {
  /** Name or path by which it was found. */
  readonly library: string;
  /** "OpenBLAS 0.3.21 …", as the library itself says; "BLAS" if it does not. */
  readonly version: string;
  /** Threads for one product; null when the library cannot be told and does as it likes. */
  readonly threads: number | null;
}

export interface Blas extends BlasInfo, Products {
  readonly addressOf: Address;
  /** Whether small products are worked out without packing their factors. */
  readonly unpacksSmall: boolean;
  /** Products with a factor that is packed beforehand; null for a library that has none. */
  readonly packing: Packing | null;
}

/**
 * Names that the system's loader is asked for, in this order. The reference BLAS, `libblas.so.3` on most systems, is not
 * among them: it is slower than the default engine. Numbers after `.so` are versions of the interface.
 */
const names: { readonly [platform: string]: readonly string[] } = {
  linux: [
    "libmkl_rt.so.2",
    "libmkl_rt.so.1",
    "libmkl_rt.so",
    "libopenblas.so.0",
    "libopenblas.so",
    "libopenblasp.so.0",
    "libopenblaso.so.0",
    "libblis.so.4",
    "libcblas.so.3",
    "libcblas.so",
  ],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
    "libmkl_rt.2.dylib",
  ],
  win32: ["mkl_rt.2.dll", "mkl_rt.1.dll", "libopenblas.dll", "openblas.dll"],
};

const install: { readonly [platform: string]: string } = {
  linux:
    "Install one: `apt-get install libopenblas0-pthread` (Debian, Ubuntu), `dnf install openblas` (Fedora), " +
    "`apk add openblas` (Alpine), or Intel MKL (`libmkl_rt.so`)",
  darwin: "Accelerate is part of macOS; otherwise `brew install openblas`",
  win32: "Put libopenblas.dll or Intel MKL's mkl_rt.2.dll on the PATH",
};

const unknownPlatform = "Install OpenBLAS";

/**
 * Opens the library that the options or the environment name, or else the first that is found. `load` gets koffi.
 *
 * @throws BlasError when there is none, with what was tried and how to install one
 * @throws OptionError for unknown options and thread counts that are not whole numbers from 1
 */
export function openBlas(options: BlasOptions = {}, load: () => Koffi = requireKoffi): Blas {
  checkOptions("useBlas", options, ["library", "threads"]);
  const threads = threadsOf(options);
  const asked = options.library ?? (process.env.UNROLL_BLAS || undefined);
  if (asked !== undefined && (typeof asked !== "string" || asked === "")) {
    throw new OptionError(`useBlas: expected the name or path of a library, got ${String(asked) || "an empty one"}`);
  }
  const koffi = loadKoffi(load);
  const candidates = asked === undefined ? (names[process.platform] ?? ["libopenblas.so"]) : [asked];
  const tried: string[] = [];
  for (const library of candidates) {
    try {
      const handle = koffi.load(library);
      const version = versionOf(handle);
      const addressOf: Address = (x) => Number(koffi.address(x));
      return {
        library,
        ...(lookUp(handle, "void sgemm_()") && !lookUp(handle, "void cblas_sgemm()")
          ? fortranProducts(handle, addressOf)
          : cProducts(handle)),
        addressOf,
        unpacksSmall: version.startsWith("OpenBLAS"),
        packing: packingOf((prototype) => lookUp(handle, prototype), addressOf),
        version,
        threads: setThreads(handle, threads),
      };
    } catch (error) {
      tried.push(`${library} (${reason(error, library)})`);
    }
  }
  throw new BlasError(
    `Engine 'native': ${asked === undefined ? "no BLAS found" : `cannot use '${asked}' as BLAS`}. ` +
      `Tried ${tried.join(", ")}. ${install[process.platform] ?? unknownPlatform}, ` +
      "or name the library in the environment variable UNROLL_BLAS",
  );
}

function threadsOf(options: BlasOptions): number {
  const fromEnvironment = process.env.UNROLL_BLAS_THREADS;
  const threads = options.threads ?? (fromEnvironment ? Number(fromEnvironment) : 1);
  if (!(Number.isInteger(threads) && threads >= 1)) {
    const where = options.threads === undefined ? "UNROLL_BLAS_THREADS" : "useBlas: threads";
    throw new OptionError(
      `${where}: expected a whole number from 1, got ${String(options.threads ?? fromEnvironment)}`,
    );
  }
  return threads;
}

const requireKoffi = (): Koffi => createRequire(import.meta.url)("koffi") as Koffi;

/** koffi is an optional dependency: without it this package still installs, and says what is missing when it is used. */
function loadKoffi(load: () => Koffi): Koffi {
  try {
    return load();
  } catch (error) {
    throw new BlasError(
      `Engine 'native': expected the package 'koffi', which calls C libraries, but it cannot be loaded ` +
        `(${reason(error, "koffi")}). Run \`npm install koffi\``,
    );
  }
}

/** The first line of an error without the name that stands before it anyway. */
function reason(error: unknown, library: string): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line.replace(/^Failed to load shared library: /, "").replace(`${library}: `, "");
}

/** A function of the library, undefined if it has none of that name. */
function lookUp(handle: LibraryHandle, prototype: string): ((...values: unknown[]) => unknown) | undefined {
  try {
    return handle.func(prototype);
  } catch {
    return undefined;
  }
}

function versionOf(handle: LibraryHandle): string {
  const openblas = lookUp(handle, "const char *openblas_get_config()");
  if (openblas) return String(openblas()).trim();
  const blis = lookUp(handle, "const char *bli_info_get_version_str()");
  if (blis) return `BLIS ${String(blis())}`;
  const mkl = lookUp(handle, "void MKL_Get_Version_String(_Out_ uint8_t *text, int size)");
  if (!mkl) return "BLAS";
  const text = Buffer.alloc(256);
  mkl(text, text.length);
  return text
    .toString("latin1")
    .replace(/\0[\s\S]*/, "")
    .trim();
}

/** How the libraries are told their number of threads. */
const setters = [
  "void openblas_set_num_threads(int n)",
  "int MKL_Set_Num_Threads_Local(int n)",
  "void bli_thread_set_num_threads(int64_t n)",
];

function setThreads(handle: LibraryHandle, threads: number): number | null {
  for (const prototype of setters) {
    const set = lookUp(handle, prototype);
    if (set) {
      set(threads);
      return threads;
    }
  }
  // Accelerate knows only one thread (1) or as many as it likes (0), and answers 0 when it has understood.
  const set = lookUp(handle, "int BLASSetThreading(int mode)");
  return set?.(threads === 1 ? 1 : 0) === 0 && threads === 1 ? 1 : null;
}
