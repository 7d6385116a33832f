# SPDX-License-Identifier: BSD-3-Clause
"""What optimisers, schedules, clipping, averaging, pruning and initialisers are compared with, over 1,000 steps.

Only a few steps are stored: the inputs come from a generator that the tests have too, std::mt19937_64 made into uniform
numbers as Unspool's `Random` does, and gradients from the parameters by a formula that stands in the tests again.
"""

import math

import torch
from torch import nn
from torch.nn.utils import prune

STEPS = 1000


class Twister:
    """Matsumoto's and Nishimura's 64-bit Mersenne twister, from its definition, and the distributions made of it."""

    N, M, LOWER, ALL = 312, 156, (1 << 31) - 1, (1 << 64) - 1

    def __init__(self, seed):
        self.state = [seed]
        for i in range(1, self.N):
            last = self.state[-1]
            self.state.append((6364136223846793005 * (last ^ (last >> 62)) + i) & self.ALL)
        self.at = self.N

    def refill(self):
        s = self.state
        for i in range(self.N):
            x = (s[i] & ~self.LOWER & self.ALL) | (s[(i + 1) % self.N] & self.LOWER)
            s[i] = s[(i + self.M) % self.N] ^ (x >> 1) ^ (0xB5026F5AA96619E9 if x & 1 else 0)
        self.at = 0

    def draw(self):
        if self.at == self.N:
            self.refill()
        x = self.state[self.at]
        self.at += 1
        x ^= (x >> 29) & 0x5555555555555555
        x ^= (x << 17) & 0x71D67FFFEDA60000
        x ^= (x << 37) & 0xFFF7EEE000000000
        return x ^ (x >> 43)

    def uniform(self, low=0.0, high=1.0):
        return low + (high - low) * ((self.draw() >> 11) * 2.0**-53)

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def below(self, n):
        fair = self.ALL - self.ALL % n
        while (x := self.draw()) >= fair:
            pass
        return x % n

    def tensor(self, shape, draw):
        values = [draw() for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float64).reshape(shape)

    def uniforms(self, *shape):
        return self.tensor(shape, lambda: self.uniform(-1, 1))


# Optimisers

SHAPES = {"a": (2, 3), "b": (4,), "c": (2,)}
STORED = [1, 2, 3, 10, 30, 100, 300, 1000]
GROUPS = {"b": {"rate": 0.1, "decay": 0.0}, "c": {"rate": 2.0, "decay": 3.0}}
OPTIMISERS = [
    ("SGD", {"lr": 0.02}),
    ("SGD", {"lr": 0.02, "momentum": 0.9}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.02, "momentum": 0.7, "nesterov": True, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "weight_decay": 0.05, "groups": GROUPS}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.02}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "eps": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.1}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.05, "groups": GROUPS}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.003, "alpha": 0.9, "eps": 0.01}),
    ("RMSprop", {"lr": 0.003, "momentum": 0.9, "weight_decay": 0.05}),
    ("RMSprop", {"lr": 0.003, "alpha": 0.95, "centered": True}),
    ("RMSprop", {"lr": 0.003, "momentum": 0.8, "centered": True, "eps": 1e-4}),
    ("RMSprop", {"lr": 0.003, "weight_decay": 0.05, "groups": GROUPS}),
    ("Adam", {}),
    ("Adam", {"lr": 0.02, "betas": [0.7, 0.95], "eps": 1e-3}),
    ("Adam", {"lr": 0.02, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.02, "amsgrad": True}),
    ("Adam", {"lr": 0.02, "betas": [0.7, 0.8], "amsgrad": True, "weight_decay": 0.1, "groups": GROUPS}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.02, "betas": [0.7, 0.95], "eps": 1e-3, "weight_decay": 0.2}),
    ("AdamW", {"lr": 0.02, "betas": [0.7, 0.8], "amsgrad": True, "weight_decay": 0.2, "groups": GROUPS}),
]


def reached(name, t):
    """`b` has no gradient in the first five steps, and then in every fourth."""
    return name != "b" or (t > 5 and t % 4 != 2)


def scales():
    """One element has tiny gradients, so that the place of eps shows, and one has none."""
    out = {name: torch.ones(shape, dtype=torch.float64) for name, shape in SHAPES.items()}
    out["a"][0, 1] = 1e-8
    out["b"][2] = 0
    return out


def groups_of(parameters, lr, decay, groups):
    def one(name, p):
        factors = groups.get(name, {"rate": 1, "decay": 1})
        return {"params": [p], "lr": lr * factors["rate"], "weight_decay": decay * factors["decay"]}

    return [one(name, p) for name, p in parameters.items()]


def make(kind, parameters, groups=None, **options):
    if groups is None:
        return getattr(torch.optim, kind)(parameters.values(), **options)
    listed = groups_of(parameters, options["lr"], options["weight_decay"], groups)
    return getattr(torch.optim, kind)(listed, **options)


def trajectory(kind, options):
    random, scale, stored = Twister(11), scales(), []
    targets = {name: random.uniforms(*shape) for name, shape in SHAPES.items()}
    parameters = {name: torch.full(shape, 0.5, dtype=torch.float64, requires_grad=True) for name, shape in SHAPES.items()}
    optimiser = make(kind, parameters, **options)
    for t in range(1, STEPS + 1):
        for name, p in parameters.items():
            g = scale[name] * (random.uniforms(*p.shape) + 0.3 * (p.detach() - targets[name]))
            p.grad = g if reached(name, t) else None
        optimiser.step()
        if t in STORED:
            stored.append({name: p.detach().clone() for name, p in parameters.items()})
    return {"optimiser": kind, "options": options, "parameters": stored}


# Schedules

PLATEAUS = [
    {},
    {"factor": 0.5, "patience": 3},
    {"factor": 0.7, "patience": 2, "cooldown": 5, "min_lr": 0.013},
    {"factor": 0.7, "patience": 4, "threshold": 0.05},
    {"factor": 0.7, "patience": 4, "threshold": 0.02, "threshold_mode": "abs"},
    {"factor": 0.8, "patience": 6, "mode": "max", "threshold": 0.01},
    {"factor": 0.8, "patience": 6, "mode": "max", "threshold": 0.01, "threshold_mode": "abs", "cooldown": 2},
    {"factor": 0.5, "patience": 1, "eps": 0.004},
]


def schedules(optimiser):
    lr = torch.optim.lr_scheduler
    return {
        "step": lambda: lr.StepLR(optimiser, 30, 0.9),
        "multi_step": lambda: lr.MultiStepLR(optimiser, [23, 46, 300], 0.3),
        "exponential": lambda: lr.ExponentialLR(optimiser, 0.99),
        "cosine": lambda: lr.CosineAnnealingLR(optimiser, 300, 0.02),
        "cosine_restarts": lambda: lr.CosineAnnealingWarmRestarts(optimiser, 70, 1, 0.02),
        "cosine_restarts_longer": lambda: lr.CosineAnnealingWarmRestarts(optimiser, 23, 2, 0.02),
        "warm_up": lambda: lr.LinearLR(optimiser, 0.25, 1.0, 40),
        "warm_up_step": lambda: warm_up(optimiser, lambda: lr.StepLR(optimiser, 30, 0.9)),
        "warm_up_cosine": lambda: warm_up(optimiser, lambda: lr.CosineAnnealingLR(optimiser, 300, 0.02)),
    }


def warm_up(optimiser, then):
    first = torch.optim.lr_scheduler.LinearLR(optimiser, 0.25, 1.0, 40)
    return torch.optim.lr_scheduler.SequentialLR(optimiser, [first, then()], [40])


def plain_sgd():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)


def rates(optimiser, step):
    """Some of the rates, and the sum of all."""
    all_rates = []
    for t in range(STEPS):
        all_rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        step(t)
    return {"rates": torch.tensor(all_rates[::23], dtype=torch.float64), "sum": math.fsum(all_rates)}


def schedule_case(name):
    optimiser = plain_sgd()
    scheduler = schedules(optimiser)[name]()
    return {"name": name, **rates(optimiser, lambda t: scheduler.step())}


def plateau_case(options):
    optimiser, random = plain_sgd(), Twister(12)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, **options)
    sign = -1 if options.get("mode") == "max" else 1
    return {"options": options, **rates(optimiser, lambda t: scheduler.step(sign * (2 / (1 + 0.01 * t) + 0.5 * random.uniform())))}


# Clipping


def clipping_case(kind, limit, p, extremes=False):
    random = Twister(13)
    parameters = [torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in SHAPES.values()]
    for x in parameters:
        x.grad = random.uniforms(*x.shape)
    if extremes:
        parameters[1].grad[1] = -math.inf
    norm = 0.0
    if kind == "norm":
        norm = nn.utils.clip_grad_norm_(parameters, limit, math.inf if p == "inf" else p).item()
    else:
        nn.utils.clip_grad_value_(parameters, limit)
    return {"kind": kind, "limit": limit, "p": p, "extremes": extremes, "norm": norm, "clipped": [x.grad for x in parameters]}


def clipping():
    norms = [("norm", limit, p) for p in (0.5, 1.0, 2.0, 3.0, "inf") for limit in (0.4, 1000.0)]
    return [clipping_case(*case) for case in [*norms, ("value", 0.25, 0.0), ("value", 0.25, 0.0, True), ("value", 5.0, 0.0)]]


# Averages


def average(rule):
    random = Twister(14)
    model = nn.Linear(3, 2).double()
    averaged = torch.optim.swa_utils.AveragedModel(model, avg_fn=rule)
    stored = []
    for t in range(1, STEPS + 1):
        with torch.no_grad():
            model.weight.copy_(random.uniforms(2, 3))
        averaged.update_parameters(model)
        if t in STORED:
            stored.append(averaged.module.weight.detach().clone())
    return stored


def averages():
    return {"equal": average(None), "exponential": average(lambda a, x, n: 0.97 * a + (1 - 0.97) * x)}


# Pruning


def pruning_case(by, amount):
    random = Twister(15)
    module = nn.Linear(7, 5).double()
    with torch.no_grad():
        module.weight.copy_(random.uniforms(5, 7))
        module.bias.copy_(random.uniforms(5) / 2)
    pairs = [(module, "weight"), (module, "bias")]
    if by == "all":
        prune.global_unstructured(pairs, prune.L1Unstructured, amount=amount)
    else:
        for _, name in pairs:
            prune.l1_unstructured(module, name, amount)
    return {"by": by, "fraction": amount, "weight": module.weight_mask, "bias": module.bias_mask}


# Initialisers: those of PyTorch, on the twister's numbers


def orthogonal(random, rows, columns):
    flat = random.tensor((min(rows, columns), max(rows, columns)), random.normal)
    q, r = torch.linalg.qr(flat.T)
    q = (q * torch.diagonal(r).sign()).T
    return q if rows <= columns else q.T


def sparse(random, rows, columns, sparsity):
    x = 0.01 * random.tensor((rows, columns), random.normal)
    for column in range(columns):
        order = list(range(rows))
        for i in range(math.ceil(sparsity * rows)):
            k = i + random.below(rows - i)
            order[i], order[k] = order[k], order[i]
            x[order[i], column] = 0
    return x


def truncated(random):
    while not -0.5 <= (x := 0.1 + random.normal()) <= 1:
        pass
    return x


def uniform(variance):
    bound = math.sqrt(3 * variance)
    return lambda random: random.tensor((4, 3, 2), lambda: random.uniform(-bound, bound))


def normal(variance):
    return lambda random: math.sqrt(variance) * random.tensor((4, 3, 2), random.normal)


INITIALISERS = {  # of a parameter of (4, 3, 2): fan_in is 6, fan_out 8
    "uniform": lambda random: random.tensor((4, 3, 2), lambda: random.uniform(-0.3, 0.7)),
    "normal": lambda random: 0.5 + 2 * random.tensor((4, 3, 2), random.normal),
    "truncated_normal": lambda random: random.tensor((4, 3, 2), lambda: truncated(random)),
    "glorot_uniform": uniform(4 * 2 / 14),
    "glorot_normal": normal(4 * 2 / 14),
    "he_uniform": uniform(2 / 6),
    "he_normal": normal(2 / 6),
    "he_normal_out": normal(2 / 8),
    "lecun_uniform": uniform(1 / 6),
    "lecun_normal": normal(1 / 6),
    "orthogonal": lambda random: 1.5 * orthogonal(random, 4, 6).reshape(4, 3, 2),
    "orthogonal_tall": lambda random: orthogonal(random, 7, 3),
    "orthogonal_blocks": lambda random: torch.cat([orthogonal(random, 2, 5) for _ in range(3)]),
    "sparse": lambda random: sparse(random, 7, 4, 0.3),
}


def training():
    return {
        "stored": STORED,
        "optimisers": [trajectory(*case) for case in OPTIMISERS],
        "schedules": [schedule_case(name) for name in schedules(plain_sgd())],
        "plateaus": [plateau_case(options) for options in PLATEAUS],
        "clipping": clipping(),
        "averages": averages(),
        "pruning": [pruning_case(by, amount) for by in ("all", "parameter") for amount in (0.0, 0.33, 0.81, 1.0)],
        "initialisers": {name: draw(Twister(16)) for name, draw in INITIALISERS.items()},
    }
