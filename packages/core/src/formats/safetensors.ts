/**
 * safetensors: named arrays in one file, without anything executable.
 *
 *     u64 little endian n │ n bytes of JSON, padded with spaces to a multiple of 8 │ numbers, little endian, row-major
 *
 * The JSON maps each name to `{ dtype, shape, data_offsets: [begin, end] }`, offsets counted from the end of the JSON;
 * `__metadata__`, if there, maps texts to texts.
 *
 * @module
 */
import { allocate, bytesOf, type DType, dtypes, type TypedArray } from "../dtype.js";
import { describe, FormatError, shapeText } from "../errors.js";
import { sizeOf } from "../shape.js";
import { readElements, type StoredDType, storedTypes, writeElements, writers } from "./elements.js";
import { duplicateKey } from "./json-keys.js";
import { compareCodePoints, decodeUtf8, encodeUtf8 } from "./utf8.js";

/** One array: row-major numbers in the typed array that core keeps this dtype in (int64: a Float64Array of whole numbers). */
export interface ArrayRecord {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export interface SafetensorsFile {
  readonly tensors: Record<string, ArrayRecord>;
  readonly metadata: Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly stored: StoredDType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

const maxHeaderBytes = 100_000_000;

/**
 * Reads a safetensors file. BF16 and F16 become float32, U16 int32, U32 and U64 int64, all exactly;
 * 64-bit integers beyond ±(2^53 − 1) are an error.
 *
 * @throws FormatError when the file is cut off, has gaps, overlaps or trailing bytes, or holds what it must not
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (!(bytes instanceof Uint8Array)) throw fail(`expected the file's bytes as a Uint8Array, got ${describe(bytes)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = readHeaderEnd(view);
  const { entries, metadata } = readHeader(bytes.subarray(8, headerEnd));
  checkLayout(entries, bytes.byteLength - headerEnd);
  const tensors = entries.map(({ name, stored, shape, begin }): [string, ArrayRecord] => {
    const data = readElements(stored, view, headerEnd + begin, sizeOf(shape), (problem) =>
      fail(`'${name}': ${problem}`),
    );
    return [name, { dtype: storedTypes[stored].dtype, shape, data }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

function readHeaderEnd(view: DataView): number {
  if (view.byteLength < 8) {
    throw fail(`expected at least 8 bytes, got ${view.byteLength}. The file is cut off or no safetensors file`);
  }
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 4294967296;
  if (length > maxHeaderBytes) {
    throw fail(
      `expected a header of at most ${maxHeaderBytes} bytes, got ${length}. This is probably no safetensors file`,
    );
  }
  if (8 + length > view.byteLength) {
    throw fail(`expected a header of ${length} bytes, got ${view.byteLength - 8}. The file is cut off`);
  }
  return 8 + length;
}

function readHeader(bytes: Uint8Array): { entries: Entry[]; metadata: Record<string, string> } {
  const text = decodeUtf8(bytes, (position) => {
    throw fail(`expected a header in UTF-8, got the byte ${bytes[position]} at ${position} of the header`);
  });
  if (!text.startsWith("{")) throw fail(`expected a header that begins with '{', got ${describe(text.slice(0, 8))}`);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw fail(`expected a header in JSON, got: ${(error as Error).message}`);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw fail(`expected each name once in the header, got ${describe(twice)} twice`);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") metadata = checkMetadata(value);
    else entries.push(readEntry(name, value));
  }
  return { entries: entries.sort((a, b) => a.begin - b.begin || a.end - b.end), metadata };
}

function readEntry(name: string, value: unknown): Entry {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw fail(`'${name}': expected { dtype, shape, data_offsets }, got ${describe(value)}`);
  }
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (!isStoredDType(dtype)) {
    throw fail(`'${name}': expected dtype out of ${Object.keys(storedTypes).join(", ")}, got ${describe(dtype)}`);
  }
  if (!isCounts(shape)) {
    throw fail(`'${name}': expected shape to be an array of whole numbers ≥ 0, got ${describe(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw fail(`'${name}': expected data_offsets to be two whole numbers ≥ 0, got ${describe(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const needed = sizeOf(shape) * storedTypes[dtype].bytes;
  if (end - begin !== needed) {
    throw fail(
      `'${name}': expected ${needed} bytes for ${dtype} of shape ${shapeText(shape)}, got data_offsets ` +
        `${shapeText(offsets)}, which are ${end - begin} bytes`,
    );
  }
  return { name, stored: dtype, shape, begin, end };
}

const isStoredDType = (dtype: unknown): dtype is StoredDType =>
  typeof dtype === "string" && Object.hasOwn(storedTypes, dtype);

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** The arrays, in the order of their offsets, must fill the data from its first byte to its last. */
function checkLayout(entries: readonly Entry[], available: number): void {
  let position = 0;
  let before = "";
  for (const { name, begin, end } of entries) {
    if (begin < position)
      throw fail(`'${name}' begins at byte ${begin} of the data, inside '${before}', which ends at ${position}`);
    if (begin > position)
      throw fail(`'${name}' begins at byte ${begin} of the data, leaving a hole from byte ${position}`);
    position = end;
    before = name;
  }
  if (position > available) throw fail(`expected ${position} bytes of data, got ${available}. The file is cut off`);
  if (position < available)
    throw fail(`expected ${position} bytes of data, got ${available}: ${available - position} trailing bytes`);
}

function checkMetadata(value: unknown): Record<string, string> {
  const isRecord = value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isRecord) throw fail(`expected __metadata__ to map texts to texts, got ${describe(value)}`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw fail(
        `expected every value in __metadata__ to be a text, got ${describe(text)} for '${key}'. JSON.stringify it`,
      );
    }
  }
  return value as Record<string, string>;
}

/**
 * Writes a safetensors file, byte for byte as the format's own library does: wide elements first, then by name.
 *
 * @param metadata texts to keep beside the arrays
 * @throws FormatError when an array's numbers do not fit its shape or dtype
 */
export function writeSafetensors(tensors: Record<string, ArrayRecord>, metadata?: Record<string, string>): Uint8Array {
  const header: [string, unknown][] = [];
  if (metadata !== undefined) header.push(["__metadata__", checkMetadata(metadata)]);
  const parts = Object.entries(tensors).map(([name, array]) => {
    checkArray(name, array);
    return { name, array, stored: writers[array.dtype].stored };
  });
  const rank = (stored: StoredDType): number => Object.keys(storedTypes).indexOf(stored);
  parts.sort((a, b) => rank(a.stored) - rank(b.stored) || compareCodePoints(a.name, b.name));

  let end = 0;
  for (const { name, array, stored } of parts) {
    const begin = end;
    end += array.data.length * bytesOf(array.dtype);
    header.push([name, { dtype: stored, shape: array.shape, data_offsets: [begin, end] }]);
  }
  // Written entry by entry, because an object would put names that are numbers first.
  const json = encodeUtf8(
    `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`,
  );
  const headerLength = Math.ceil(json.length / 8) * 8;
  if (headerLength > maxHeaderBytes) {
    throw fail(
      `expected a header of at most ${maxHeaderBytes} bytes, got ${headerLength}. Write fewer arrays or less metadata`,
    );
  }

  const bytes = new Uint8Array(8 + headerLength + end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength, true);
  bytes.fill(32, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const { name, array } of parts) {
    writeElements(array.dtype, view, position, array.data, (problem) => fail(`'${name}': ${problem}`));
    position += array.data.length * bytesOf(array.dtype);
  }
  return bytes;
}

function checkArray(name: string, array: ArrayRecord): void {
  if (name === "__metadata__") throw fail("'__metadata__' is the name of the metadata. Give the array another name");
  if (!dtypes.includes(array?.dtype) || !isCounts(array.shape)) {
    throw fail(
      `'${name}': expected { dtype, shape, data } with dtype out of ${dtypes.join(", ")}, got ${describe(array)}`,
    );
  }
  const kind = allocate(array.dtype, 0).constructor as new () => TypedArray;
  if (!(array.data instanceof kind)) {
    throw fail(`'${name}': expected ${array.dtype} numbers in a ${kind.name}, got ${describe(array.data)}`);
  }
  if (array.data.length !== sizeOf(array.shape)) {
    throw fail(
      `'${name}': expected ${sizeOf(array.shape)} numbers for shape ${shapeText(array.shape)}, got ${array.data.length}`,
    );
  }
}

const fail = (problem: string): FormatError => new FormatError(`safetensors: ${problem}`);
