/** The table of operations: what each is compared with, what it is tried on, and which calls must fail. */
import { joiningRows } from "./joining.js";
import { layerRows } from "./layers.js";
import { lossRows } from "./losses.js";
import { pairRows } from "./pairs.js";
import { reductionRows } from "./reductions.js";
import type { Row } from "./row.js";
import { unaryRows } from "./unary.js";
import { viewRows } from "./views.js";

export const rows: readonly Row[] = [
  ...unaryRows,
  ...pairRows,
  ...reductionRows,
  ...viewRows,
  ...joiningRows,
  ...layerRows,
  ...lossRows,
];
