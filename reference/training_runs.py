"""Training runs in float64: every optimiser with its options, every scheduler, clipping, losses and small networks.

Run with `python reference/training_runs.py`; writes packages/core/test/fixtures/training-runs.json.

A run is described by its entry alone: manual_seed(seed), the modules of `net` built one after the other (a Sequential
in which a recurrent layer passes on its output), then .double(), so the initial weights are PyTorch's own. Inputs and
targets are by formula (fixture.pattern and fixture.indices, salts 61 and 67). Each step is: forward in train mode (so
dropout draws go on from the initial weights'), loss, backward, clipping, optimiser step, scheduler step.

Stored are the loss and every group's learning rate at each step, the clipped norms, and the final parameters.
"calm" is how far the final parameters move when the initial ones are scaled by 1 + 2^-50: what a re-implementation
that rounds differently may differ by, and the script refuses runs for which that is more than 1e-11.
"""

import torch

from fixture import indices, number, numbers, pattern, write

CHARACTERS = {"input": ["indices", [6, 4], 7], "target": ["indices", [24], 7]}
VECTORS = {"input": ["pattern", [10, 3]], "target": ["pattern", [10, 2]]}
TAGGER = [["Embedding", [7, 5], {}], ["GRU", [5, 4], {}], ["Flatten", [0, 1]], ["Linear", [4, 7], {}]]
READER = [["Embedding", [7, 4], {}], ["LSTM", [4, 5], {}], ["Flatten", [0, 1]], ["Linear", [5, 7], {}]]
SMOOTH = [["Linear", [3, 6], {}], ["Tanh"], ["Linear", [6, 2], {}]]

RULES = {"1 / (1 + epoch / 8)": lambda epoch: 1 / (1 + epoch / 8)}

RUNS = [
    {
        "name": "SGD, cross-entropy over a GRU",
        "seed": 1, "steps": 40, "net": TAGGER, **CHARACTERS, "loss": ["CrossEntropyLoss", {}],
        "optimizer": ["SGD", {"lr": 0.5}], "scheduler": ["StepLR", {"step_size": 10, "gamma": 0.5}],
    },
    {
        "name": "SGD with Nesterov momentum and weight decay, class weights",
        "seed": 2, "steps": 40, "net": READER, **CHARACTERS,
        "loss": ["CrossEntropyLoss", {"weight": [1.0, 0.5, 2.0, 1.5, 0.25, 1.0, 3.0]}],
        "optimizer": ["SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.001}],
        "scheduler": ["ExponentialLR", {"gamma": 0.97}],
    },
    {
        "name": "SGD with dampening, maximising the negative error",
        "seed": 3, "steps": 30, "net": SMOOTH, **VECTORS, "loss": ["MSELoss", {}], "negate": True,
        "optimizer": ["SGD", {"lr": 0.1, "momentum": 0.8, "dampening": 0.2, "maximize": True}],
    },
    {
        "name": "Adam, ignored targets and label smoothing",
        "seed": 4, "steps": 40, "net": READER, **CHARACTERS,
        "loss": ["CrossEntropyLoss", {"ignore_index": 3, "label_smoothing": 0.1}],
        "optimizer": ["Adam", {"lr": 0.02}], "scheduler": ["CosineAnnealingLR", {"T_max": 15, "eta_min": 0.001}],
    },
    {
        "name": "Adam with amsgrad and L2 decay, dropout, clipped by norm",
        "seed": 5, "steps": 40,
        "net": [["Embedding", [7, 6], {}], ["LSTM", [6, 5], {"num_layers": 2, "dropout": 0.3}], ["Dropout", [0.25]],
                ["Flatten", [0, 1]], ["Linear", [5, 7], {}]],
        **CHARACTERS, "loss": ["CrossEntropyLoss", {"reduction": "mean"}], "clip": ["norm", 0.5],
        "optimizer": ["Adam", {"lr": 0.01, "betas": [0.85, 0.98], "amsgrad": True, "weight_decay": 0.01}],
    },
    {
        "name": "Adam, target probabilities with weights and smoothing, sum",
        "seed": 6, "steps": 30,
        "net": [["Linear", [3, 5], {}], ["LayerNorm", [5], {}], ["Sigmoid"], ["Linear", [5, 4], {}]],
        "input": ["pattern", [9, 3]], "target": ["probabilities", [9, 4]],
        "loss": ["CrossEntropyLoss", {"weight": [0.5, 1.0, 2.0, 1.5], "label_smoothing": 0.2, "reduction": "sum"}],
        "optimizer": ["Adam", {"lr": 0.03}], "clip": ["value", 0.75],
    },
    {
        "name": "AdamW, groups with rates and decay of their own, OneCycle",
        "seed": 7, "steps": 40, "net": READER, **CHARACTERS, "loss": ["CrossEntropyLoss", {}],
        "optimizer": ["AdamW", {"lr": 0.01, "weight_decay": 0.1}],
        "groups": [{"modules": [0], "lr": 0.002, "weight_decay": 0.0}, {"modules": [1]}, {"modules": [3], "eps": 1e-6}],
        "scheduler": ["OneCycleLR", {"max_lr": [0.01, 0.02, 0.05], "total_steps": 40}],
    },
    {
        "name": "AdamW with amsgrad, maximising",
        "seed": 8, "steps": 30, "net": SMOOTH, **VECTORS, "loss": ["L1Loss", {}], "negate": True,
        "optimizer": ["AdamW", {"lr": 0.02, "weight_decay": 0.2, "amsgrad": True, "maximize": True}],
    },
    {
        "name": "RMSprop, yes or no with a weight for yes",
        "seed": 9, "steps": 40,
        "net": [["GRU", [3, 4], {"bidirectional": True, "batch_first": True}], ["LayerNorm", [8], {}],
                ["Linear", [8, 2], {}]],
        "input": ["pattern", [3, 5, 3]], "target": ["binary", [3, 5, 2]],
        "loss": ["BCEWithLogitsLoss", {"pos_weight": [2.0, 0.5]}],
        "optimizer": ["RMSprop", {"lr": 0.005}],
        "scheduler": ["ReduceLROnPlateau",
                      {"factor": 0.5, "patience": 1, "threshold": 0.05, "cooldown": 2, "min_lr": 0.0008}],
    },
    {
        "name": "RMSprop, centred, with momentum and weight decay",
        "seed": 10, "steps": 40, "net": SMOOTH, **VECTORS, "loss": ["MSELoss", {"reduction": "sum"}],
        "optimizer": ["RMSprop", {"lr": 0.002, "alpha": 0.9, "momentum": 0.8, "centered": True, "weight_decay": 0.02}],
        "scheduler": ["LambdaLR", {"lr_lambda": "1 / (1 + epoch / 8)"}],
    },
    {
        "name": "Adagrad with decays, negative log-likelihood",
        "seed": 11, "steps": 40,
        "net": [["Embedding", [7, 4], {"padding_idx": 2}], ["RNN", [4, 5], {"bias": False}], ["Flatten", [0, 1]],
                ["Linear", [5, 7], {}], ["LogSoftmax", [1]]],
        **CHARACTERS, "loss": ["NLLLoss", {"weight": [1.0, 2.0, 0.5, 1.0, 1.0, 1.5, 0.75], "ignore_index": 5}],
        "optimizer": ["Adagrad",
                      {"lr": 0.2, "lr_decay": 0.05, "weight_decay": 0.001, "initial_accumulator_value": 0.1}],
    },
    {
        "name": "Adagrad, binary cross-entropy",
        "seed": 12, "steps": 40,
        "net": [["Linear", [3, 4], {}], ["GELU", {}], ["Linear", [4, 2], {"bias": False}], ["Sigmoid"]],
        "input": ["pattern", [8, 3]], "target": ["binary", [8, 2]], "loss": ["BCELoss", {}],
        "optimizer": ["Adagrad", {"lr": 0.1}], "clip": ["norm", 0.05, {"norm_type": "inf"}],
    },
    {
        "name": "Adam, LSTM with a projection over two layers and directions",
        "seed": 13, "steps": 30,
        "net": [["LSTM", [3, 4], {"num_layers": 2, "bidirectional": True, "proj_size": 2}], ["Linear", [4, 2], {}]],
        "input": ["pattern", [5, 2, 3]], "target": ["pattern", [5, 2, 2]], "loss": ["MSELoss", {}],
        "optimizer": ["Adam", {"lr": 0.02, "weight_decay": 0.001}], "clip": ["norm", 0.1, {"norm_type": 1.0}],
        "scheduler": ["ReduceLROnPlateau", {"mode": "max", "factor": 0.3, "patience": 2, "threshold_mode": "abs"}],
    },
    {
        "name": "SGD with momentum, ReLU cell over time, three-phase OneCycle with a straight line",
        "seed": 14, "steps": 40,
        "net": [["RNN", [3, 6], {"nonlinearity": "relu"}], ["Dropout", [0.5]], ["Linear", [6, 2], {}]],
        "input": ["pattern", [5, 3, 3]], "target": ["pattern", [5, 3, 2]], "loss": ["L1Loss", {"reduction": "sum"}],
        "optimizer": ["SGD", {"lr": 0.01, "momentum": 0.9}],
        "scheduler": ["OneCycleLR", {"max_lr": 0.01, "total_steps": 40, "pct_start": 0.4, "anneal_strategy": "linear",
                                     "div_factor": 10.0, "final_div_factor": 100.0, "three_phase": True}],
    },
    {
        "name": "AdamW, cosine annealing past its period, frozen embedding",
        "seed": 15, "steps": 50, "net": TAGGER, **CHARACTERS, "loss": ["CrossEntropyLoss", {}], "frozen": [0],
        "optimizer": ["AdamW", {"lr": 0.03, "betas": [0.9, 0.99]}], "scheduler": ["CosineAnnealingLR", {"T_max": 7}],
    },
    {
        "name": "RMSprop with groups of different momentum, ReLU and softmax",
        "seed": 16, "steps": 30,
        "net": [["Linear", [3, 8], {}], ["ReLU"], ["Linear", [8, 4], {}], ["Softmax", [-1]]],
        "input": ["pattern", [9, 3]], "target": ["probabilities", [9, 4]], "loss": ["MSELoss", {}],
        "optimizer": ["RMSprop", {"lr": 0.01}],
        "groups": [{"modules": [0], "momentum": 0.5}, {"modules": [2], "lr": 0.02, "centered": True, "alpha": 0.95}],
    },
]


class Output(torch.nn.Module):
    """A recurrent layer of which only the output goes on."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


def module(name, *arguments):
    positional = [a for part in arguments if isinstance(part, list) for a in part]
    options = next((part for part in arguments if isinstance(part, dict)), {})
    built = getattr(torch.nn, name)(*positional, **options)
    return Output(built) if name in ("RNN", "LSTM", "GRU") else built


def data(salt, kind, shape, *rest):
    if kind == "indices":
        return indices(shape, salt, *rest)
    values = pattern(shape, salt)
    if kind == "binary":
        return (values > 0).double()
    return torch.softmax(values, dim=-1) if kind == "probabilities" else values


def loss_function(name, options):
    tensors = ("weight", "pos_weight")
    ready = {k: torch.tensor(v, dtype=torch.float64) if k in tensors else v for k, v in options.items()}
    return getattr(torch.nn, name)(**ready)


def schedule(optimizer, name, options):
    if name == "LambdaLR":
        options = {"lr_lambda": RULES[options["lr_lambda"]]}
    return getattr(torch.optim.lr_scheduler, name)(optimizer, **options)


def clip(parameters, kind, bound, options=None):
    if kind == "value":
        torch.nn.utils.clip_grad_value_(parameters, bound)
        return None
    options = {k: float(v) for k, v in (options or {}).items()}
    return number(torch.nn.utils.clip_grad_norm_(parameters, bound, **options).item())


def train(run, factor=1.0):
    torch.manual_seed(run["seed"])
    net = torch.nn.Sequential(*(module(*layer) for layer in run["net"])).double()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter *= factor
    for place in run.get("frozen", []):
        net[place].requires_grad_(False)
    x, y = data(61, *run["input"]), data(67, *run["target"])
    loss_fn = loss_function(*run["loss"])
    groups = [
        {"params": [p for place in group["modules"] for p in net[place].parameters()],
         **{k: v for k, v in group.items() if k != "modules"}}
        for group in run.get("groups", [])
    ]
    name, options = run["optimizer"]
    optimizer = getattr(torch.optim, name)(groups or net.parameters(), **options)
    scheduler = schedule(optimizer, *run["scheduler"]) if "scheduler" in run else None
    losses, rates, norms = [], [], []
    for _ in range(run["steps"]):
        optimizer.zero_grad()
        loss = loss_fn(net(x), y)
        if run.get("negate"):
            loss = -loss
        loss.backward()
        losses.append(number(loss.item()))
        if "clip" in run:
            norms.append(clip([p for p in net.parameters() if p.requires_grad], *run["clip"]))
        rates.append([number(group["lr"]) for group in optimizer.param_groups])
        optimizer.step()
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            scheduler.step(loss.item())
        elif scheduler and len(losses) < run["steps"]:
            scheduler.step()
    # Output keeps the layer's own names one level down; a fixture should show the names a user sees.
    finals = {name.replace(".layer.", "."): p.detach() for name, p in net.named_parameters()}
    return losses, rates, norms, finals


def run_case(run):
    losses, rates, norms, finals = train(run)
    *_, moved = train(run, 1 + 2**-50)
    calm = max((finals[name] - moved[name]).abs().max().item() for name in finals)
    if not calm <= 1e-11:
        raise SystemExit(f"{run['name']}: too sensitive to be compared, {calm:.1e}")
    print(f"{losses[0]:10.5f} → {losses[-1]:10.5f}  calm {calm:.0e}  {run['name']}")
    case = {**run, "calm": calm, "losses": losses, "lr": rates}
    if norms and norms[0] is not None:
        case["norms"] = norms
    return {**case, "final": {name: numbers(value) for name, value in finals.items()}}


if __name__ == "__main__":
    write(__file__, [run_case(run) for run in RUNS])
