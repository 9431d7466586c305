/** Pixels of a PNG. */
import { inflateSync } from "node:zlib";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue at (x, y). */
  at(x: number, y: number): [number, number, number];
  /** How many pixels of a box are darker than mid-grey on all channels. */
  dark(x: number, y: number, width: number, height: number): number;
}

/** Reads an 8-bit RGBA PNG without interlacing, which is what resvg writes. */
export function decodePNG(file: Uint8Array): Pixels {
  const bytes = Buffer.from(file);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (bytes[24] !== 8 || bytes[25] !== 6 || bytes[28] !== 0) throw new Error("expected 8-bit RGBA without interlacing");
  const chunks: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      chunks.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(chunks));
  const stride = width * 4;
  const data = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= 4 ? (data[y * stride + i - 4] as number) : 0;
      const up = y > 0 ? (data[(y - 1) * stride + i] as number) : 0;
      const corner = i >= 4 && y > 0 ? (data[(y - 1) * stride + i - 4] as number) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter as number] as number;
      data[y * stride + i] = (raw[y * (stride + 1) + 1 + i] as number) + predicted;
    }
  }
  const at = (x: number, y: number): [number, number, number] => {
    const i = (y * width + x) * 4;
    return [data[i] as number, data[i + 1] as number, data[i + 2] as number];
  };
  return {
    width,
    height,
    at,
    dark(x0, y0, w, h) {
      let count = 0;
      for (let y = Math.max(0, y0); y < Math.min(height, y0 + h); y++) {
        for (let x = Math.max(0, x0); x < Math.min(width, x0 + w); x++)
          if (at(x, y).every((byte) => byte < 128)) count++;
      }
      return count;
    },
  };
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
