export {
  PackedSequence,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
} from "../packed.js";
export { clipGradNorm, clipGradValue } from "./clip.js";
export { parametersToVector, vectorToParameters } from "./vector.js";
