/**
 * A run's own random numbers.
 *
 * @module
 */
import { defaultGenerator, type Generator } from "@unroll/core";

/**
 * Runs `f` with the default generator at the state of `generator`, which goes on where `f` left it. Layers draw from the default
 * generator; so they draw the run's numbers and nobody else's are changed.
 */
export function withGenerator<R>(generator: Generator, f: () => R): R {
  const shared = defaultGenerator();
  const before = shared.getState();
  shared.setState(generator.getState());
  try {
    return f();
  } finally {
    generator.setState(shared.getState());
    shared.setState(before);
  }
}
