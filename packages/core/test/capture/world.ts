/**
 * A small world with parameters, an optimiser, a generator and tensors that live on from call to call, and random programs in it.
 * Everything that a program lets be seen goes into a trace, so that two worlds can be compared number by number.
 */
import {
  capture,
  cat,
  defaultGenerator,
  functional as F,
  manualSeed,
  nn,
  noGrad,
  optim,
  randn,
  stack,
  type Tensor,
  tensor,
  UnrollError,
  zeros,
} from "../../src/index.js";

export interface Instruction {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const optimizers = [
  (p: Tensor[]) => new optim.Adam(p, { lr: 0.05 }),
  (p: Tensor[]) => new optim.SGD(p, { lr: 0.05, momentum: 0.9 }),
  (p: Tensor[]) => new optim.AdamW(p, { lr: 0.05, amsgrad: true }),
  (p: Tensor[]) => new optim.RMSprop(p, { lr: 0.01, centered: true }),
  (p: Tensor[]) => new optim.Adagrad(p, { lr: 0.05 }),
];

const flat = (x: Tensor | null): number[] | null => (x === null ? null : Array.from(x.toTypedArray()));

/** What a program works with in one call. */
interface Scene {
  readonly world: World;
  readonly call: number;
  readonly values: Tensor[];
  readonly shown: unknown[];
}

export class World {
  readonly linear: nn.Linear;
  readonly embedding: nn.Embedding;
  readonly norm = new nn.LayerNorm([3]);
  readonly gru: nn.GRU;
  readonly lstm: nn.LSTMCell;
  readonly dropout = new nn.Dropout(0.4);
  readonly parameters: Tensor[];
  readonly optimizer: optim.Optimizer;
  readonly inner: (x: Tensor) => Tensor;
  readonly table = [-1.5, 0.25, 2, -0.75, 0.5, 1];
  carried: Tensor;
  buffer = zeros([4, 3]);
  constructor(seed: number, captured: boolean) {
    manualSeed(seed);
    this.linear = new nn.Linear(3, 3);
    this.embedding = new nn.Embedding(5, 3);
    this.gru = new nn.GRU(3, 3);
    this.lstm = new nn.LSTMCell(3, 3);
    this.carried = randn([2, 3]);
    this.parameters = [this.linear, this.embedding, this.norm, this.gru, this.lstm].flatMap((m) => m.parameters());
    this.optimizer = (optimizers[seed % optimizers.length] as (p: Tensor[]) => optim.Optimizer)(this.parameters);
    const inner = (x: Tensor): Tensor => this.linear.forward(x).tanh();
    this.inner = captured ? capture(inner) : inner;
  }

  /** Numbers that outlive a call. */
  state(): unknown {
    return [
      this.parameters.map((p) => [flat(p), flat(p.grad)]),
      flat(this.carried),
      flat(this.buffer),
      defaultGenerator().getState(),
    ];
  }
}

type Action = (scene: Scene, i: Instruction, x: Tensor, y: Tensor) => Tensor | undefined;

const varying = ({ call }: Scene, i: Instruction): number => (i.c % 2 === 0 ? i.c / 10 : (i.c + call) / 10);

export const actions: Readonly<Record<string, Action>> = {
  linear: ({ world }, _i, x) => world.linear.forward(x),
  activation: (_s, i, x) =>
    [() => x.tanh(), () => x.sigmoid(), () => x.relu(), () => x.abs().add(0.5).log(), () => x.mul(0.3).exp()][
      i.c % 5
    ]?.(),
  pair: (_s, i, x, y) =>
    [() => x.add(y), () => x.sub(y), () => x.mul(y), () => x.div(y.abs().add(1)), () => x.maximum(y)][i.c % 5]?.(),
  number: (s, i, x) => x.mul(varying(s, i)).add(i.b / 10),
  dropout: ({ world }, _i, x) => world.dropout.forward(x),
  embedding: ({ world, call }, i) => world.embedding.forward([(i.a + call) % 5, i.b % 5]),
  constant: ({ world, call }, i, x) =>
    x.add(tensor([0, 1].map((r) => [0, 1, 2].map((k) => world.table[(r + k + i.c * call) % 6] as number)))),
  evenCalls: ({ call, world }, i, x) => (call % (2 + (i.a % 2)) === 0 ? world.linear.forward(x).neg() : x.mul(0.5)),
  dataBranch: ({ shown }, _i, x) => {
    const size = x.sum().item();
    shown.push(size);
    return size > 0 ? x.tanh() : x.sub(1).relu();
  },
  loop: ({ world, call }, i, x) => {
    let h = x;
    for (let t = 0; t < 1 + ((call * (i.a % 3)) % 4); t++) h = world.linear.forward(h).add(x).tanh();
    return h;
  },
  views: (_s, i, x, y) =>
    [
      () => cat([x.slice(0, 1), y.slice(0, 0, 1)]),
      () => stack([x.select(0, 1), y.getItem(0)]),
      () => x.T.matmul(y).slice(0, 0, 2),
      () => x.reshape([3, 2]).T,
      () => x.unsqueeze(0).expand([2, 2, 3]).sum(0),
      () => x.flip(1),
      () => x.mean(0, { keepdim: true }).expand([2, 3]),
    ][i.c % 7]?.(),
  picks: ({ call }, i, x, y) =>
    [
      () => x.indexSelect(0, [(i.a + call) % 2, i.b % 2]),
      () => x.max(1, { keepdim: true }).values.add(y),
      () => x.where(y.gt(0), y),
      () =>
        x.gather(
          1,
          tensor(
            [
              [0, 2, 1],
              [call % 3, 1, 0],
            ],
            { dtype: "int64" },
          ),
        ),
      () => x.cumsum(1),
      () => x.var(1, { keepdim: true }).add(y),
      () => x.getItem(call % 2).expand([2, 3]),
    ][i.c % 7]?.(),
  rows: ({ world }, i, x) =>
    [() => x.softmax(1), () => x.logSoftmax(-1), () => world.norm.forward(x), () => F.gelu(x)][i.c % 4]?.(),
  changedInside: (_s, i, x, y) => {
    const copy = x.clone();
    if (i.c % 4 === 0) copy.add_(y);
    else if (i.c % 4 === 1) copy.mul_(y);
    else if (i.c % 4 === 2) copy.setItem([null, 1], y.select(1, 0));
    else copy.getItem(0).fill_(i.a / 10);
    return copy;
  },
  filled: ({ call }, i, x) => {
    const rows = i.c % 2 === 0 ? 2 : 2 + (call % 2);
    const h = zeros([rows, 3]);
    for (let t = 0; t < rows; t++) h.setItem(t, (t === 0 ? x.getItem(0) : h.getItem(t - 1)).mul(1.1).tanh());
    return h.slice(0, 0, 2);
  },
  outsideChanged: ({ world, call }, i, x) => {
    const before = world.buffer.getItem(i.a % 4).mul(2);
    noGrad(() => world.buffer.setItem((i.a + call) % 4, x.detach().getItem(0)));
    return x.add(world.buffer.getItem(i.a % 4)).add(before);
  },
  carry: ({ world }, _i, x) => x.add(world.carried),
  withoutGradient: (_s, i, x) => (i.c % 2 === 0 ? noGrad(() => x.mul(2)) : x.detach().add(1)),
  double: (_s, i, x) =>
    x
      .to("float64")
      .mul(i.c / 7)
      .tanh()
      .to("float32"),
  integers: ({ call }, _i, x) =>
    x.mul(
      tensor([[1, 2, 3]], { dtype: "int32" })
        .add(call % 3)
        .to("float32"),
    ),
  layer: ({ world, call }, i, x) =>
    world.gru
      .forward(stack([x, x.neg(), x.mul(0.5)]), null, i.c % 2 === 0 ? {} : { lengths: [3, 1 + (call % 3)] })[0]
      .getItem(0),
  cell: ({ world }, _i, x, y) => {
    let state: [Tensor, Tensor] = [x, y];
    for (let t = 0; t < 3; t++) state = world.lstm.forward(x, state);
    return state[0].add(state[1]);
  },
  nested: ({ world }, _i, x) => world.inner(x),
  show: ({ shown }, i, x) => {
    shown.push(i.c % 2 === 0 ? x.toArray() : String(x));
    return undefined;
  },
  crossEntropy: ({ call }, i, x, y) =>
    x.add(
      i.c % 2 === 0
        ? F.crossEntropy(x, [(i.a + call) % 3, i.b % 3], { labelSmoothing: i.c % 4 === 0 ? 0.1 : 0 })
        : F.crossEntropy(x, y.detach().softmax(1), { reduction: "sum" }),
    ),
  leafInside: ({ shown }, _i, x) => {
    const leaf = x.detach().mul(1);
    leaf.requiresGrad = true;
    leaf.tanh().sum().backward();
    shown.push(flat(leaf.grad));
    return leaf.detach();
  },
  retained: ({ shown, world }, _i, x) => {
    const h = world.linear.forward(x);
    h.retainGrad();
    h.pow(2).sum().backward({ retainGraph: true });
    shown.push(flat(h.grad));
    return h;
  },
  backward: ({ shown }, i, x) => {
    const loss = x.pow(2).mean();
    shown.push(loss.item());
    if (!loss.requiresGrad) return undefined;
    if (i.c % 3 === 0)
      x.backward({
        gradient: tensor([
          [1, i.a, 2],
          [0, i.b, -1],
        ]),
        retainGraph: true,
      });
    loss.backward({ retainGraph: true });
    return undefined;
  },
  step: ({ world, shown }, i) => {
    if (i.c % 2 === 0) shown.push(nn.utils.clipGradNorm(world.parameters, 0.5));
    world.optimizer.step();
    if (i.c % 3 > 0) world.optimizer.zeroGrad();
    return undefined;
  },
  zeroGrad: ({ world }) => {
    world.optimizer.zeroGrad();
    return undefined;
  },
  byHand: ({ world }, i) => {
    for (const p of world.linear.parameters()) {
      if (p.grad === null) continue;
      const grad = p.grad;
      if (i.c % 3 === 0) p.data = p.data.sub(grad.mul(0.1));
      else if (i.c % 3 === 1) p.data.sub_(grad.mul(0.1));
      else noGrad(() => p.sub_(grad.mul(0.1)));
    }
    return undefined;
  },
  reassigned: ({ world, call }, i) => {
    if (call % 2 === i.c % 2)
      world.linear.weight.data = tensor(new Array(9).fill(0).map((_, k) => (k - 4) / (5 + call))).reshape([3, 3]);
    return undefined;
  },
  frozen: ({ world, call }, i) => {
    (world.linear.bias as Tensor).requiresGrad = (call + i.c) % 3 > 0;
    return undefined;
  },
  modes: ({ world, call }) => {
    world.dropout.train(call % 3 > 0);
    return undefined;
  },
  thrown: ({ call }, i) => {
    if (call % 4 === i.c % 4 && i.b % 3 === 0) throw new RangeError(`in call ${call}`);
    return undefined;
  },
};

const names = Object.keys(actions);
export const kinds = names.length;

/** Runs a program once. */
function runOnce(
  scene: Scene,
  program: readonly Instruction[],
  x: Tensor,
): { out: Tensor; loss: Tensor; list: Tensor[] } {
  const { values } = scene;
  values.push(x, scene.world.linear.forward(x));
  for (const i of program) {
    const action = actions[names[i.kind % kinds] as string] as Action;
    const pick = (k: number): Tensor => values[values.length - 1 - (k % Math.min(values.length, 3))] as Tensor;
    const result = action(scene, i, pick(i.a), pick(i.b));
    if (result !== undefined) values.push(result);
  }
  const out = values.at(-1) as Tensor;
  return { out, loss: out.mean(), list: [out, values[0] as Tensor] };
}

/** The trace of `calls` calls of a program. */
export function trace(seed: number, program: readonly Instruction[], calls: number, captured: boolean): unknown[] {
  const world = new World(seed, captured);
  const body = (x: Tensor, call: number, shown: unknown[]) => runOnce({ world, call, values: [], shown }, program, x);
  const f = captured ? capture(body) : body;
  const inputs = [randn([2, 3]), randn([4, 3]).slice(0, 1, 3), randn([3, 2]).T];
  const seen: unknown[] = [];
  for (let call = 0; call < calls; call++) {
    const shown: unknown[] = [];
    try {
      const result = f(inputs[call < 4 ? 0 : call % 3] as Tensor, call, shown);
      // What a captured function returns has no history.
      const out = captured ? result.out : result.out.detach().clone();
      if (captured && (out.requiresGrad || result.list[0] !== out))
        throw new Error("expected one copy without history");
      shown.push(flat(out), result.loss.item(), flat(result.list[1] as Tensor));
      if (out.shape[0] === 2) world.carried = out;
    } catch (error) {
      if (!(error instanceof UnrollError || error instanceof RangeError)) throw error;
      shown.push(`${error.name}: ${error.message}`);
    }
    seen.push([shown, world.state()]);
  }
  return seen;
}

/** The first place at which two traces differ, with what stands there; null when they are equal. */
export function firstDifference(a: unknown, b: unknown, path = ""): string | null {
  if (Object.is(a, b)) return null;
  const lists = [a, b].every((x) => Array.isArray(x) || ArrayBuffer.isView(x));
  if (!lists) return `${path}: ${String(a)} against ${String(b)}`;
  const [p, q] = [a as ArrayLike<unknown>, b as ArrayLike<unknown>];
  for (let i = 0; i < Math.max(p.length, q.length); i++) {
    const difference = firstDifference(p[i], q[i], `${path}/${i}`);
    if (difference !== null) return difference;
  }
  return null;
}

/** Where a captured program first differs from the program itself. */
export const differenceOf = (seed: number, program: readonly Instruction[], calls: number): string | null =>
  firstDifference(trace(seed, program, calls, true), trace(seed, program, calls, false));
