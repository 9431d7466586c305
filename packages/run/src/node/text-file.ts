/**
 * Text from a file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { RunFileError } from "../errors.js";
import { readBytes } from "./files.js";

/** Which text a run learns, so that it is not continued with another. */
export interface TextSource {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

/**
 * The text of a UTF-8 file. A byte order mark is left out, and lines end with `\n` however they end in the file.
 *
 * @throws RunFileError when the file is missing, a directory, or not UTF-8: with the place, and the encoding if it can be told
 */
export async function readTextFile(path: string): Promise<{ text: string; source: TextSource }> {
  const bytes = await readBytes(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { text: decode(path, bytes).replaceAll("\r\n", "\n"), source: { path: resolve(path), sha256 } };
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const position = firstWrongByte(bytes);
    const line = 1 + bytes.subarray(0, position).filter((byte) => byte === 10).length;
    const byte = (bytes[position] ?? 0).toString(16).toUpperCase().padStart(2, "0");
    throw new RunFileError(
      `${path}: expected text in UTF-8, got the byte 0x${byte} at ${position}, in line ${line}. ${advice(path, bytes)}`,
    );
  }
}

function advice(path: string, bytes: Uint8Array): string {
  const name = likelyEncoding(bytes);
  if (name === undefined) return "Is it a text at all?";
  return `It may be ${name}; convert it: iconv -f ${name} -t UTF-8 ${JSON.stringify(path)} > converted.txt`;
}

function likelyEncoding(bytes: Uint8Array): string | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return "UTF-16";
  if (bytes.includes(0)) return undefined;
  try {
    const text = new TextDecoder("euc-kr", { fatal: true }).decode(bytes);
    return /[가-힣]{2}/.test(text) ? "CP949" : undefined;
  } catch {
    return undefined;
  }
}

/** The end of the shortest beginning that is no UTF-8, found by halving. */
function firstWrongByte(bytes: Uint8Array): number {
  const fails = (end: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return false;
    } catch {
      return true;
    }
  };
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (fails(middle)) bad = middle;
    else good = middle;
  }
  return bad - 1;
}
