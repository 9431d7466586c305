/**
 * Steps of recurrent cells in WebAssembly. The products of one row are few, and done by the reference.
 *
 * @module
 */
import type { CellKernels } from "./contract-cell.js";
import { openMachine, type WasmMachine } from "./wasm-machine.js";

type F32 = Float32Array;

/** Multiplications from which sums go through, weights and biases staying in the memory, */
const LEAST = 48;
/** and their form there, which no other weights that stay have. */
const FORM = -2;

/** Elements from the beginning of one array of n to that of the next. */
const room = (n: number): number => (n + 7) & ~3;

/** Where weights and biases stand, one behind the other; 0 when they have changed since the last call or are not whole arrays. */
function standing(
  machine: WasmMachine,
  G: number,
  I: number,
  H: number,
  wIh: F32,
  wHh: F32,
  bIh: F32,
  bHh: F32,
  version: number,
): number {
  if (wIh.length !== G * I || wHh.length !== G * H || bIh.length !== G || bHh.length !== G) return 0;
  const size = room(G * I) + room(G * H) + 2 * room(G);
  return machine.resident(wHh, wIh, bIh, bHh, FORM, version, size, (at) => {
    let to = at;
    for (const array of [wIh, wHh, bIh, bHh]) {
      machine.put(to, array.length, array, 0);
      to += 4 * room(array.length);
    }
  });
}

export function wasmCell(reference: CellKernels): CellKernels {
  return {
    affineRow: reference.affineRow,
    rowTimes: reference.rowTimes,

    cellSum(G, I, H, x, xo, wIh, wIho, wHh, wHho, h, ho, bIh, bIho, bHh, bHho, y, yo, version) {
      if (G * (I + H) >= LEAST && version !== undefined && x instanceof Float32Array && bIh !== null) {
        const machine = openMachine(I + H + G);
        const weights = machine && standing(machine, G, I, H, wIh as F32, wHh as F32, bIh as F32, bHh as F32, version);
        if (machine && weights) {
          const px = machine.copyIn(I, x, xo);
          const ph = machine.copyIn(H, h as F32, ho);
          const py = machine.take(G);
          const pHh = weights + 4 * room(G * I);
          const pb = pHh + 4 * room(G * H);
          machine.exports.cellSum(G, I, H, px, weights, pHh, ph, pb, pb + 4 * room(G), py);
          machine.copyOut(py, G, y as F32, yo);
          return;
        }
      }
      reference.cellSum(G, I, H, x, xo, wIh, wIho, wHh, wHho, h, ho, bIh, bIho, bHh, bHho, y, yo);
    },

    lstmStep(n, H, a, ao, before, bo, after, afo, t, to, h, ho) {
      const size = n * H;
      const machine = a instanceof Float32Array && size > 0 ? openMachine(8 * size) : null;
      if (machine === null) {
        reference.lstmStep(n, H, a, ao, before, bo, after, afo, t, to, h, ho);
        return;
      }
      const pa = machine.copyIn(4 * size, a as F32, ao);
      const pb = machine.copyIn(size, before as F32, bo);
      const [pafter, pt, ph] = [machine.take(size), machine.take(size), machine.take(size)];
      machine.exports.lstmStep(n, H, pa, pb, pafter, pt, ph);
      machine.copyOut(pa, 4 * size, a as F32, ao);
      machine.copyOut(pafter, size, after as F32, afo);
      machine.copyOut(pt, size, t as F32, to);
      machine.copyOut(ph, size, h as F32, ho);
    },

    lstmStepGrad(n, H, dh, dho, dc, dco, before, bo, gates, go, t, to, da, dao) {
      const size = n * H;
      const machine = dh instanceof Float32Array && size > 0 ? openMachine(12 * size) : null;
      if (machine === null) {
        reference.lstmStepGrad(n, H, dh, dho, dc, dco, before, bo, gates, go, t, to, da, dao);
        return;
      }
      const ph = machine.copyIn(size, dh as F32, dho);
      const pc = machine.copyIn(size, dc as F32, dco);
      const pb = machine.copyIn(size, before as F32, bo);
      const pg = machine.copyIn(4 * size, gates as F32, go);
      const pt = machine.copyIn(size, t as F32, to);
      const pd = machine.take(4 * size);
      machine.exports.lstmStepGrad(n, H, ph, pc, pb, pg, pt, pd);
      machine.copyOut(pc, size, dc as F32, dco);
      machine.copyOut(pd, 4 * size, da as F32, dao);
    },
  };
}
