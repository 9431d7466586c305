/** Schedulers of the learning rate. Numbers are those of PyTorch 2.13 where a comment says so. */
import { describe, expect, test } from "vitest";
import { FormatError, nn, optim, zeros } from "../src/index.js";

const { lrScheduler } = optim;

const sgd = (lr = 0.5, groups = 1): optim.SGD =>
  new optim.SGD(
    Array.from({ length: groups }, (_, i) => ({ params: [new nn.Parameter(zeros([1]))], lr: lr / (i + 1) })),
    { momentum: 0.9 },
  );

/** The rates of the first group over the epochs, the first one included. */
function rates(scheduler: { getLastLr(): number[]; step(): void }, epochs: number): number[] {
  const seen = [scheduler.getLastLr()[0] as number];
  for (let i = 0; i < epochs; i++) {
    scheduler.step();
    seen.push(scheduler.getLastLr()[0] as number);
  }
  return seen;
}

describe("rates", () => {
  test("StepLR", () => {
    const scheduler = new lrScheduler.StepLR(sgd(), { stepSize: 2, gamma: 0.5 });
    expect(rates(scheduler, 5)).toEqual([0.5, 0.5, 0.25, 0.25, 0.125, 0.125]);
    expect(rates(new lrScheduler.StepLR(sgd(), { stepSize: 1 }), 1)).toEqual([0.5, 0.05]);
  });

  test("ExponentialLR", () => {
    expect(rates(new lrScheduler.ExponentialLR(sgd(), { gamma: 0.9 }), 3)).toEqual([
      0.5, 0.45, 0.405, 0.36450000000000005,
    ]);
  });

  test("CosineAnnealingLR, over its period and back", () => {
    const scheduler = new lrScheduler.CosineAnnealingLR(sgd(), { tMax: 5, etaMin: 0.1 });
    // PyTorch 2.13, lr 0.5.
    const expected = [
      ...[0.5, 0.46180339887498956, 0.3618033988749896, 0.2381966011250106, 0.13819660112501056, 0.1],
      ...[0.13819660112501053, 0.23819660112501062, 0.3618033988749897, 0.4618033988749899, 0.5000000000000004],
      ...[0.46180339887499, 0.3618033988749898],
    ];
    rates(scheduler, 12).forEach((lr, i) => expect(Math.abs(lr - (expected[i] as number))).toBeLessThan(1e-15));
  });

  test("CosineAnnealingLR follows its closed form", () => {
    const scheduler = new lrScheduler.CosineAnnealingLR(sgd(), { tMax: 40 });
    rates(scheduler, 100).forEach((lr, epoch) => {
      expect(Math.abs(lr - 0.25 * (1 + Math.cos((Math.PI * epoch) / 40)))).toBeLessThan(1e-12);
    });
  });

  test("LambdaLR, one factor or one for each group", () => {
    expect(rates(new lrScheduler.LambdaLR(sgd(), { lrLambda: (epoch) => 1 / (1 + epoch) }), 3)).toEqual([
      0.5,
      0.25,
      0.5 / 3,
      0.125,
    ]);
    const optimizer = sgd(0.5, 2);
    const scheduler = new lrScheduler.LambdaLR(optimizer, { lrLambda: [() => 2, (epoch) => epoch] });
    scheduler.step();
    scheduler.step();
    expect(scheduler.getLastLr()).toEqual([1, 0.5]);
    expect(optimizer.paramGroups.map(({ lr }) => lr)).toEqual([1, 0.5]);
  });

  test("OneCycleLR with the momentum that goes the other way", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10 });
    // PyTorch 2.13; the last step beyond the cycle is allowed there too.
    const expected = [
      ...[0.040000000000000036, 0.52, 1, 0.9504846320134737, 0.8117456539497631, 0.6112620219362893],
      ...[0.38874197806371075, 0.18825834605023697, 0.049519367986526286, 4e-6, 0.04951936798652623],
    ];
    const momenta = [0.95, 0.9, 0.85, 0.854951556604879, 0.8688255099070633, 0.8888739533021842, 0.9111260466978157];
    expected.forEach((lr, step) => {
      if (step > 0) scheduler.step();
      expect(Math.abs((optimizer.paramGroups[0]?.lr as number) - lr)).toBeLessThan(1e-15);
      const momentum = momenta[step];
      if (momentum !== undefined)
        expect(Math.abs((optimizer.paramGroups[0]?.momentum as number) - momentum)).toBeLessThan(1e-15);
    });
    expect(() => scheduler.step()).toThrow(/at most 10 steps.*totalSteps/s);
  });

  test("OneCycleLR in other forms", () => {
    const adam = new optim.Adam([new nn.Parameter(zeros([1]))]);
    const cycle = new lrScheduler.OneCycleLR(adam, {
      maxLr: 0.1,
      epochs: 2,
      stepsPerEpoch: 5,
      threePhase: true,
      pctStart: 0.4,
      annealStrategy: "linear",
    });
    expect(cycle.totalSteps).toBe(10);
    expect(adam.paramGroups[0]?.betas).toEqual([0.95, 0.999]);
    const all = rates(cycle, 9);
    const first = 0.1 / 25;
    [first, first + (0.1 - first) / 3, 0.1 - (0.1 - first) / 3, 0.1, 0.1 - (0.1 - first) / 3].forEach((lr, i) => {
      expect(Math.abs((all[i] as number) - lr)).toBeLessThan(1e-15);
    });
    expect(Math.abs((all[9] as number) - first / 1e4)).toBeLessThan(1e-15);
    const adagrad = new optim.Adagrad([new nn.Parameter(zeros([1]))]);
    expect(() => new lrScheduler.OneCycleLR(adagrad, { maxLr: 1, totalSteps: 5 })).toThrow(
      /momentum or betas.*cycleMomentum: false/s,
    );
    expect(
      rates(new lrScheduler.OneCycleLR(adagrad, { maxLr: 1, totalSteps: 5, cycleMomentum: false }), 4),
    ).toHaveLength(5);
    expect(rates(new lrScheduler.OneCycleLR(sgd(), { maxLr: 1, totalSteps: 1, pctStart: 1 }), 0)).toEqual([1]);
  });

  test("ReduceLROnPlateau waits, lowers, rests", () => {
    const optimizer = sgd(1);
    const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, {
      factor: 0.5,
      patience: 1,
      cooldown: 1,
      minLr: 0.2,
    });
    const seen = [5, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3].map((metric) => {
      scheduler.step(metric);
      return optimizer.paramGroups[0]?.lr;
    });
    expect(seen).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2]);
  });

  test("ReduceLROnPlateau in its four ways of being better", () => {
    const better = (options: optim.lrScheduler.PlateauOptions, metrics: number[]): number => {
      const scheduler = new lrScheduler.ReduceLROnPlateau(sgd(1), { threshold: 0.1, patience: 0, ...options });
      for (const metric of metrics) scheduler.step(metric);
      return scheduler.best;
    };
    expect(better({}, [10, 9.5, 8.9])).toBe(8.9);
    expect(better({ thresholdMode: "abs" }, [10, 9.95, 9.8])).toBe(9.8);
    expect(better({ mode: "max" }, [10, 10.5, 11.5])).toBe(11.5);
    expect(better({ mode: "max", thresholdMode: "abs" }, [10, 10.05, 10.2])).toBe(10.2);
    expect(better({}, [10, Number.NaN])).toBe(10);
  });

  test("go on from a rate that was set by hand", () => {
    const optimizer = sgd();
    const scheduler = new lrScheduler.ExponentialLR(optimizer, { gamma: 0.5 });
    (optimizer.paramGroups[0] as { lr: number }).lr = 0.25;
    scheduler.step();
    expect(scheduler.getLastLr()).toEqual([0.125]);
  });

  test("a second scheduler starts from the rate that was there before the first", () => {
    const optimizer = sgd();
    new lrScheduler.LambdaLR(optimizer, { lrLambda: () => 0.1 });
    const second = new lrScheduler.LambdaLR(optimizer, { lrLambda: () => 1 });
    expect(second.getLastLr()).toEqual([0.5]);
  });
});

describe("saving and loading", () => {
  const makers: [
    string,
    (o: optim.Optimizer) => {
      step(metric?: number): void;
      stateDict(): Record<string, unknown>;
      loadStateDict(d: Record<string, unknown>): void;
    },
  ][] = [
    ["StepLR", (o) => new lrScheduler.StepLR(o, { stepSize: 3, gamma: 0.3 })],
    ["ExponentialLR", (o) => new lrScheduler.ExponentialLR(o, { gamma: 0.9 })],
    ["CosineAnnealingLR", (o) => new lrScheduler.CosineAnnealingLR(o, { tMax: 4 })],
    ["LambdaLR", (o) => new lrScheduler.LambdaLR(o, { lrLambda: (epoch) => 0.9 ** epoch })],
    ["OneCycleLR", (o) => new lrScheduler.OneCycleLR(o, { maxLr: 1, totalSteps: 20 })],
    ["ReduceLROnPlateau", (o) => new lrScheduler.ReduceLROnPlateau(o, { patience: 1, factor: 0.5 }) as never],
  ];

  test.each(makers)("%s goes on as if it had not stopped", (_, make) => {
    const [optimizer, resumed] = [sgd(), sgd()];
    const scheduler = make(optimizer);
    for (let i = 0; i < 5; i++) scheduler.step(1);
    const again = make(resumed);
    resumed.loadStateDict(optimizer.stateDict());
    again.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())));
    for (let i = 0; i < 5; i++) {
      scheduler.step(1);
      again.step(1);
      expect(resumed.paramGroups[0]?.lr).toBe(optimizer.paramGroups[0]?.lr);
      expect(resumed.paramGroups[0]?.momentum).toBe(optimizer.paramGroups[0]?.momentum);
    }
    expect(again.stateDict()).toEqual(scheduler.stateDict());
  });

  test("PyTorch's names, and its state dictionaries", () => {
    const scheduler = new lrScheduler.CosineAnnealingLR(sgd(), { tMax: 5, etaMin: 0.1 });
    expect(scheduler.stateDict()).toEqual({ last_epoch: 0, _last_lr: [0.5], base_lrs: [0.5], T_max: 5, eta_min: 0.1 });
    // torch.optim.lr_scheduler.CosineAnnealingLR(…).state_dict() of PyTorch 2.13.
    scheduler.loadStateDict({
      T_max: 7,
      eta_min: 0.2,
      base_lrs: [0.5],
      last_epoch: 12,
      _step_count: 13,
      _is_initial: false,
      _get_lr_called_within_step: false,
      _last_lr: [0.3618033988749898],
    });
    expect([scheduler.lastEpoch, scheduler.tMax, scheduler.etaMin, scheduler.getLastLr()]).toEqual([
      12,
      7,
      0.2,
      [0.3618033988749898],
    ]);
  });

  test("what does not fit changes nothing", () => {
    const scheduler = new lrScheduler.StepLR(sgd(), { stepSize: 3, gamma: 0.3 });
    const good = scheduler.stateDict();
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ ...good, gama: 1 }, /unexpected entry 'gama'. Did you mean 'gamma'/],
      [{ ...good, gamma: "0.3" }, /a number at 'gamma', got "0.3"/],
      [{ ...good, base_lrs: [1, 2] }, /1 numbers at 'base_lrs', got \[1,2\]/],
      [{ last_epoch: 1 }, /at '_last_lr', got undefined/],
    ];
    for (const [dict, says] of wrong) {
      expect(() => scheduler.loadStateDict(dict)).toThrow(FormatError);
      expect(() => scheduler.loadStateDict(dict)).toThrow(says);
    }
    expect(() => scheduler.loadStateDict({ ...good, step_size: 0 })).toThrow(
      /stepSize to be a whole number ≥ 1, got 0/,
    );
    expect(scheduler.stateDict()).toEqual(good);
  });
});

test("a group that came after the scheduler is an error", () => {
  const growing = sgd();
  const scheduler = new lrScheduler.ExponentialLR(growing, { gamma: 0.5 });
  growing.addParamGroup({ params: [new nn.Parameter(zeros([1]))] });
  expect(() => scheduler.step()).toThrow(/expected 1 groups.*got 2.*addParamGroup/s);
});
