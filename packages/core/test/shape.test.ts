import { expect, test } from "vitest";
import { functional as F, zeros } from "../src/index.js";
import { vectorShape } from "../src/shape.js";

test("the shape of vectors is shared, and no longer once somebody has written to it", () => {
  const shape = vectorShape(7);
  expect(vectorShape(7)).toBe(shape);
  (shape as number[])[0] = 3;
  expect(vectorShape(7)).toEqual([7]);
  (vectorShape(7) as number[]).push(2);
  expect(vectorShape(7)).toEqual([7]);
  (vectorShape(7) as number[]).pop();
  expect(vectorShape(7)).toEqual([7]);
  expect(zeros([2, 7]).getItem(0).shape).toEqual([7]);
  expect(vectorShape(5000)).toEqual([5000]);
});

test("the shape of a loss is its own", () => {
  const loss = () => F.crossEntropy(zeros([3]), zeros([3]));
  (loss().shape as number[]).push(1);
  expect(loss().shape).toEqual([]);
  expect(zeros([]).stride()).toEqual([]);
});
