/**
 * The `unroll` command as a function, for programs and tests that run it in their own process.
 *
 * @module
 */
export { type Host, main, nodeHost, type Sink } from "./main.js";
