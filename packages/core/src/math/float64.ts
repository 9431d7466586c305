/**
 * Elementary functions in float64 that give the same bits on every machine.
 *
 * ECMAScript leaves the last bits of `Math.exp` and its like open, so engines differ. These use nothing but addition,
 * multiplication, division and bit patterns, all of which IEEE 754 fixes. Algorithms and coefficients are (but for erf) those of
 * fdlibm 5.3, which also names the files cited beside each function:
 *
 *   Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 *   Developed at SunPro and SunSoft, Sun Microsystems, Inc. businesses.
 *   Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is
 *   preserved.
 *
 * @module
 */
export { erf } from "./float64-erf.js";
export { exp, expm1, log, log1p, tanh } from "./float64-exp.js";
export { pow } from "./float64-pow.js";
export { cos, sin } from "./float64-trig.js";
