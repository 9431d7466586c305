/** The targets, each with the measurement that decides it; for a miss, what holds it back. */
import { median, ratio } from "./measure.mjs";
import { duration, number } from "./report.mjs";
import { natives } from "./workloads.mjs";

const times = (x) => `${number(x)}×`;
const percent = (x) => `${(100 * x).toFixed(0)} %`;

/**
 * All targets against what was measured.
 *
 * @returns `{ line, target, measured, met, roofline }[]`; `met` is null where nothing was measured
 */
export function check({ results, starts, memory, bundles }) {
  const of = (words) => results.find((result) => result.words === words);
  const seconds = (words, id) => {
    const found = of(words)?.entries[id]?.seconds;
    return found?.length ? median(found) : null;
  };
  /** In each round of a workload, the best rate of matrix products that any of the contestants reached beside it. */
  const ratesBeside = (words, ids) => {
    const all = ids.map((id) => of(words)?.entries[id]?.rates ?? []).filter(({ length }) => length > 0);
    return (all[0] ?? []).map((_, round) => Math.max(...all.map((rates) => rates[round] ?? 0)));
  };
  const lines = [];
  const add = (line, target, measured, met, roofline = null) => lines.push({ line, target, measured, met, roofline });
  const unmeasured = (line, target) => add(line, target, "not measured", null);

  /** The fastest of `ids` against a peer. */
  function faster(line, words, ids, peer, atLeast, roofline) {
    const target = `≥ ${atLeast}× ${peer}`;
    const best = ids
      .map((id) => ({ id, ...ratio(of(words), id, peer) }))
      .filter(({ median }) => median !== undefined)
      .sort((a, b) => b.median - a.median)[0];
    if (!best) return unmeasured(line, target);
    const spread = `${number(best.low)}–${number(best.high)}`;
    const met = best.median >= atLeast;
    add(line, target, `${times(best.median)} (${spread}), ${best.id}`, met, met ? null : roofline?.(peer));
  }

  /** What another program that does the same would be ahead of the peer. */
  const another =
    (name, id, words, peerWords = words) =>
    (peer) => {
      const [own, other] = [seconds(words, id), seconds(peerWords, peer)];
      return own && other ? `${name} takes ${duration(own)}, ${times(other / own)}` : null;
    };
  const cProgram = (words, peerWords) => another("the C program", "c-lesson", words, peerWords);
  const bareTape = (words) => another("a bare tape in JavaScript", "tape", words);
  /** The matrix products alone, at the rate that they had beside the workload. */
  const products = (words, ids) => (peer) => {
    const flops = of(words)?.flops;
    const beside = ratesBeside(words, ids);
    const other = seconds(words, peer);
    if (!flops || beside.length === 0) return null;
    const alone = flops / median(beside);
    return (
      `at ${number(median(beside) / 1e9)} GFLOP/s (${ids.join(", ")}) the matrix products alone take ${duration(alone)}` +
      (other ? `, ${times(other / alone)}` : "")
    );
  };
  /** The share of a rate of matrix products, in the same round, that the faster of `ids` reaches in a whole pass. */
  function share(line, words, ids, atLeast, against) {
    const target = `≥ ${percent(atLeast)} of ${against.join("'s or ")}'s matrix products`;
    const own = ratesBeside(words, against);
    const reached = ids
      .map((id) => ({ id, rates: (of(words)?.entries[id]?.seconds ?? []).map((time) => of(words).flops / time) }))
      .filter(({ rates }) => rates.length > 0 && own.length > 0)
      .map(({ id, rates }) => ({ id, rate: median(rates), share: median(rates.map((rate, i) => rate / own[i])) }))
      .sort((a, b) => b.share - a.share)[0];
    if (!reached) return unmeasured(line, target);
    const measured = `${number(reached.rate / 1e9)} of ${number(median(own) / 1e9)} GFLOP/s, ${percent(reached.share)}, ${reached.id}`;
    add(line, target, measured, reached.share >= atLeast);
  }

  const layerForm = ["unroll", "captured"];
  for (const [kind, atLeast] of [
    ["rnn", 300],
    ["gru", 500],
    ["lstm", 25],
  ]) {
    const words = `lesson ${kind}`;
    const name = `${kind.toUpperCase()}(4,3) lesson epoch, layer form`;
    faster(name, words, layerForm, "torch", atLeast, cProgram(kind === "gru" ? "lesson lstm" : words, words));
    if (kind !== "gru") faster(name, words, layerForm, "c-lesson", 1);
  }
  for (const [kind, name] of [
    ["rnn", "RNNCell"],
    ["lstm", "LSTMCell"],
    ["own", "own cell"],
  ]) {
    const roofline = cProgram(kind === "lstm" ? "lesson lstm" : "lesson rnn", `loop ${kind}`);
    faster(`loop over ${name}, eager`, `loop ${kind}`, ["unroll"], "torch", 60, bareTape(`loop ${kind}`));
    faster(`loop over ${name}, captured`, `loop ${kind}`, ["captured"], "torch", 400, roofline);
  }
  const relu = products("relu train", ["unroll"]);
  faster("50-unit ReLU cell iteration, eager", "relu train", ["unroll"], "torch", 15, relu);
  faster("50-unit ReLU cell iteration, captured", "relu train", ["captured"], "torch", 50, relu);
  faster("Embedding→Tanh→Linear epoch", "embedding", layerForm, "torch", 20);
  for (const [size, engine, wanted, own] of [
    ["64 16 50", "default engine", [1.6, 0.55, 2.2], 0.85],
    ["128 32 50", "default engine", [0.45, 0.3, 0.5], 0.85],
    ["128 32 50", "native", [1.1, 1, 1.3], null],
    ["256 32 50", "native", [1.1, 1, 1.3], null],
    ["512 64 50", "native", [1.1, 1.2, 1.1], 0.8],
  ]) {
    ["rnn", "lstm", "gru"].forEach((kind, i) => {
      const words = `layer ${kind} ${size}`;
      const name = `${kind.toUpperCase()} (${size.replaceAll(" ", ",")}), ${engine}`;
      const [ids, engines] = engine === "native" ? [natives, natives] : [layerForm, ["unroll"]];
      faster(name, words, ids, "torch", wanted[i], products(words, engines));
      if (own) share(name, words, ids, own, engine === "native" ? [...natives, "torch"] : engines);
    });
  }
  for (const result of results) {
    for (const [peer, atLeast] of [
      ["tfjs-wasm", result.words.startsWith("lesson") ? 500 : 10],
      ["tfjs-cpu", result.words.startsWith("lesson") ? 500 : 10],
      ["jax", 5],
    ]) {
      if (result.words.startsWith("sgemm") || !result.entries[peer]?.seconds?.length) continue;
      faster(result.title, result.words, layerForm, peer, atLeast, products(result.words, ["unroll"]));
    }
  }
  faster("writing symbol by symbol, H=128", "generate 128", layerForm, "c-generate", 0.5);
  faster("writing symbol by symbol, H=512", "generate 512", layerForm, "c-generate", 0.5);
  trainings();
  memoryLines();
  for (const [name, limit] of [
    ['import "@unroll/core"', 50],
    ["first line of unroll lesson 01", 400],
  ]) {
    const found = starts?.[name];
    if (!found || Number.isNaN(found.milliseconds)) unmeasured(name, `< ${limit} ms`);
    else add(name, `< ${limit} ms`, `${found.milliseconds.toFixed(0)} ms`, found.milliseconds < limit);
  }
  [80, 50].forEach((limit, i) => {
    const bundle = bundles?.[i];
    if (bundle) add(`bundle: ${bundle.name}`, `< ${limit} kB`, `${bundle.kilobytes} kB`, bundle.kilobytes < limit);
  });
  return lines;

  function trainings() {
    const found = ["captured", "lanes"].map((id) => seconds("many", id)).filter(Boolean);
    const line = "whole trainings of RNN(4,3), 200 epochs";
    if (found.length === 0) return unmeasured(line, "≥ 250 a second");
    const perSecond = 1 / Math.min(...found);
    const c = seconds("lesson rnn", "c-lesson");
    const roofline = c ? `the C program would do ${number(1 / (200 * c))} a second` : null;
    add(line, "≥ 250 a second", `${number(perSecond)} a second`, perSecond >= 250, perSecond >= 250 ? null : roofline);
  }

  function memoryLines() {
    if (memory) {
      const growth = (memory.late - memory.early) / 2 ** 20;
      const line = `memory over ${memory.steps.toLocaleString("en")} training steps`;
      const text = `${(memory.early / 2 ** 20).toFixed(0)} MiB at a tenth, ${growth.toFixed(1)} MiB more at the end`;
      add(line, "flat: < 20 MiB more", text, growth < 20);
    }
    const worst = results
      .filter(({ entries }) => entries.unroll?.peak && entries.torch?.peak)
      .map(({ title, entries }) => ({ title, share: entries.unroll.peak / entries.torch.peak }))
      .sort((a, b) => b.share - a.share)[0];
    if (!worst) return unmeasured("peak memory, worst workload", "≤ torch");
    add("peak memory, worst workload", "≤ torch", `${times(worst.share)} torch's in ${worst.title}`, worst.share <= 1);
  }
}
