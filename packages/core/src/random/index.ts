/**
 * Random numbers: PyTorch's CPU generator and its distributions, as functions that fill plain arrays.
 *
 * @module
 */
export { fillBernoulli, fillBernoulliFrom } from "./bernoulli.js";
export { defaultGenerator, Generator, generatorOf, manualSeed } from "./generator.js";
export { fillRandint, randpermInto } from "./integers.js";
export { fillExponential, multinomial } from "./multinomial.js";
export { fillNormal } from "./normal.js";
export { fillUniform } from "./uniform.js";
