/**
 * Steps of recurrent cells in WebAssembly. The sums of one row are few, and done by the reference.
 *
 * @module
 */
import type { CellKernels } from "./contract-cell.js";
import { openMachine } from "./wasm-machine.js";

type F32 = Float32Array;

export function wasmCell(reference: CellKernels): CellKernels {
  return {
    cellSum: reference.cellSum,

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
