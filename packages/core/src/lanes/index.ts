/**
 * Many small networks at once.
 *
 * @module
 */
export { type Trained, type Trainee, type TrainManyOptions, trainMany } from "./train-many.js";
