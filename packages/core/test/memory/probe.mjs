/**
 * Runs one workload without ever yielding to the event loop and prints how many bytes it holds after a forced collection,
 * early and late. Started with `--expose-gc` by `memory.test.ts`: a process of its own, so that nothing else moves the numbers.
 */
const memories = [];
const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(descriptor) {
    super(descriptor);
    memories.push(this);
  }
};

const { functional: F, manualSeed, nn, optim, randn } = await import("../../bundle/index.js");

function held() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, external, arrayBuffers, wasm: memories.reduce((sum, m) => sum + m.buffer.byteLength, 0) };
}

manualSeed(1);
const symbols = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1];
const x = symbols.slice(0, -1);
const y = symbols.slice(1);

/** One training step of a recurrent network, with everything an ordinary loop has. */
function trainingLoop() {
  const embedding = new nn.Embedding(3, 4);
  const rnn = new nn.RNN(4, 6);
  const head = new nn.Linear(6, 3);
  const parameters = [embedding, rnn, head].flatMap((m) => m.parameters());
  const optimizer = new optim.Adam(parameters, { lr: 0.01 });
  const short = [x.slice(0, 4), y.slice(0, 4)];
  return () => {
    const [h] = rnn.forward(embedding.forward(short[0]));
    const loss = F.crossEntropy(head.forward(h), short[1]);
    loss.backward();
    nn.utils.clipGradNorm(parameters, 1);
    optimizer.step();
    optimizer.zeroGrad();
    return loss.item();
  };
}

/** A forward pass whose recorded gradients are never used. */
function unusedForward() {
  const lstm = new nn.LSTM(4, 6);
  const input = randn([4, 2, 4]);
  return () => {
    lstm.forward(input);
  };
}

/** A model that is built, run once, and dropped. */
function droppedModels() {
  const input = randn([3, 2, 8]);
  return () => {
    const model = new nn.Sequential(new nn.Linear(8, 40), new nn.Tanh(), new nn.Linear(40, 4));
    model.forward(input).sum().backward();
  };
}

const workloads = { trainingLoop, unusedForward, droppedModels };
const [, , name, early, late] = process.argv;
const step = workloads[name]();
let done = 0;
const runTo = (count) => {
  for (; done < count; done++) step();
  return held();
};
console.log(JSON.stringify({ early: runTo(Number(early)), late: runTo(Number(late)) }));
