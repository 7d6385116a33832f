#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the golden values that Unspool's tests are compared with, as PyTorch computes them.

    /usr/bin/python3 tests/golden/generate.py [--out FOLDER]

Needs PyTorch 1.13 (Debian: python3-torch) and nothing else; the tests read the committed JSON and need no Python.
Inputs come from Python's own generator, seeded by the name of the file, so another PyTorch sees the same inputs.
Every number is random and no two sizes agree where that can be had, so that no transposed or swapped operand
can pass; every gradient is that of a loss which weights every output differently. README.md names the keys.
"""

import argparse
import json
import math
import pathlib
import random

import torch
from torch import nn
from torch.nn import functional as F

from array_ops import array_ops
from training import training


# Random numbers


class Source:
    """Random float64 tensors, the same for the same seed under any version of PyTorch."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def uniform(self, *shape, scale=1.0):
        values = [self.random.uniform(-scale, scale) for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float64).reshape(shape)

    def weights_of(self, tensors):
        return {name: self.uniform(*value.shape) for name, value in tensors.items()}


# JSON


def number(value):
    """17 significant digits, always with a point or an exponent; what JSON lacks becomes a string."""
    if not math.isfinite(value):
        return json.dumps(str(value))
    text = f"{value:.17g}"
    return text if set(text) & set(".e") else text + ".0"


def array(tensor):
    scalar = number if tensor.is_floating_point() else str
    data = ", ".join(scalar(value) for value in tensor.detach().flatten().tolist())
    return f'{{"shape": {list(tensor.shape)}, "data": [{data}]}}'


def block(brackets, items, indent):
    pad = "\n" + "  " * (indent + 1)
    return brackets[0] + pad + ("," + pad).join(items) + "\n" + "  " * indent + brackets[1]


def render(value, indent=0):
    if isinstance(value, torch.Tensor):
        return array(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return block("{}", [f"{json.dumps(k)}: {render(v, indent + 1)}" for k, v in value.items()], indent)
    if isinstance(value, list) and value and isinstance(value[0], (dict, torch.Tensor)):
        return block("[]", [render(v, indent + 1) for v in value], indent)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(render(v) for v in value) + "]"
    return json.dumps(value)


# Differentiation


def leaves(tensors, dtype=torch.float64):
    return {name: value.detach().to(dtype, copy=True).requires_grad_() for name, value in tensors.items()}


def weighted_sum(outputs, loss_weights):
    return sum((loss_weights[name].to(value.dtype) * value).sum() for name, value in outputs.items())


def differentiate(loss, variables):
    return dict(zip(variables, torch.autograd.grad(loss, list(variables.values()))))


def evaluate(function, variables, loss_weights, dtype=torch.float64):
    """The outputs of `function(**variables)`, the weighted loss and its gradients by every variable."""
    variables = leaves(variables, dtype)
    outputs = function(**variables)
    loss = weighted_sum(outputs, loss_weights)
    return {"outputs": outputs, "loss": loss.item(), "gradients": differentiate(loss, variables)}


# Recurrent layers

MODULES = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


def recurrent_inputs(source, module, T, B, I, H):
    inputs = {"x": source.uniform(T, B, I, scale=1.5), "h0": source.uniform(1, B, H)}
    if module == "LSTM":
        inputs["c0"] = source.uniform(1, B, H)
    return inputs


def recurrent_forward(layer, x, h0, c0=None, **parameters):
    # The functional form takes the parameters as leaves of our own; the order is that of nn.RNNBase.
    run = {"RNN": torch.rnn_tanh, "LSTM": torch.lstm, "GRU": torch.gru}[layer.mode.split("_")[0]]
    state = h0 if c0 is None else (h0, c0)
    results = run(x, state, list(parameters.values()), layer.bias, 1, 0.0, True, False, False)
    return dict(zip(("output", "h_n", "c_n"), results))


def check_against_module(layer, inputs, parameters, outputs):
    """The functional form must be the module."""
    layer.load_state_dict(parameters)
    x, *states = inputs.values()
    output, final = layer(x, tuple(states) if len(states) == 2 else states[0])
    finals = final if isinstance(final, tuple) else (final,)
    for ours, theirs in zip(outputs.values(), (output, *finals)):
        assert torch.equal(ours, theirs)


def recurrent(seed, module, T=5, B=3, I=4, H=6, bias=True):
    source = Source(seed)
    layer = MODULES[module](I, H, bias=bias).double()
    inputs = recurrent_inputs(source, module, T, B, I, H)
    parameters = {name: source.uniform(*value.shape, scale=0.8) for name, value in layer.named_parameters()}
    variables = {**inputs, **parameters}
    function = lambda **v: recurrent_forward(layer, **v)
    loss_weights = source.weights_of(function(**variables))
    double = evaluate(function, variables, loss_weights)
    check_against_module(layer, inputs, parameters, double["outputs"])
    sizes = {"T": T, "B": B, "I": I, "H": H}
    head = {"module": module, "sizes": sizes, "bias": bias, "inputs": inputs, "parameters": parameters}
    single = evaluate(function, variables, loss_weights, torch.float32)
    return {**head, "loss_weights": loss_weights, **double, "float32": single}


# Optimisers

SGD = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}
ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}
CUSTOM = {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-3}

OPTIMISERS = [
    ("sgd", "SGD", SGD),
    ("sgd_momentum", "SGD", {**SGD, "momentum": 0.9}),
    ("sgd_dampening", "SGD", {**SGD, "momentum": 0.8, "dampening": 0.3}),
    ("sgd_nesterov", "SGD", {**SGD, "momentum": 0.9, "nesterov": True}),
    ("sgd_weight_decay", "SGD", {**SGD, "weight_decay": 0.05}),
    ("sgd_nesterov_weight_decay", "SGD", {**SGD, "momentum": 0.7, "nesterov": True, "weight_decay": 0.05}),
    ("adam", "Adam", ADAM),
    ("adam_custom", "Adam", {**ADAM, **CUSTOM}),
    ("adam_weight_decay", "Adam", {**ADAM, "weight_decay": 0.1}),
    ("adamw", "AdamW", {**ADAM, "weight_decay": 1e-2}),
    ("adamw_custom", "AdamW", {**ADAM, **CUSTOM, "weight_decay": 0.2}),
]


def gradient_sequence(source, steps=6):
    """Random gradients; one element is tiny, so that the place of eps shows, and one always zero."""
    gradients = [{"a": source.uniform(2, 3), "b": source.uniform(4, scale=3.0)} for _ in range(steps)]
    for step in gradients:
        step["a"][0, 1] *= 1e-8
        step["b"][2] = 0.0
    return gradients


def trajectory(optimiser, parameters, gradients):
    steps = []
    for step in gradients:
        for name, parameter in parameters.items():
            parameter.grad = step[name].clone()
        optimiser.step()
        steps.append({name: parameter.detach().clone() for name, parameter in parameters.items()})
    return steps


def optimiser_case(name, kind, options, initial, gradients):
    parameters = leaves(initial)
    optimiser = getattr(torch.optim, kind)(parameters.values(), **options)
    steps = trajectory(optimiser, parameters, gradients)
    return {"name": name, "optimiser": kind, "options": options, "parameters": steps}


def optimisers(seed):
    source = Source(seed)
    initial = {"a": source.uniform(2, 3), "b": source.uniform(4)}
    gradients = gradient_sequence(source)
    cases = [optimiser_case(*row, initial, gradients) for row in OPTIMISERS]
    return {"initial": initial, "gradients": gradients, "cases": cases}


# Clipping


def clip_case(name, gradients, max_norm):
    parameters = [torch.zeros_like(g, requires_grad=True) for g in gradients]
    for parameter, g in zip(parameters, gradients):
        parameter.grad = g.clone()
    norm = nn.utils.clip_grad_norm_(parameters, max_norm).item()
    clipped = [parameter.grad for parameter in parameters]
    return {"name": name, "max_norm": max_norm, "gradients": gradients, "total_norm": norm, "clipped": clipped}


def clipping(seed):
    source = Source(seed)
    gradients = [source.uniform(2, 3), source.uniform(4, scale=3.0), source.uniform(2, 1, 3)]
    exact = [torch.tensor([3.0, 0.0], dtype=torch.float64), torch.tensor([[-4.0]], dtype=torch.float64)]
    infinite = [g.clone() for g in gradients]
    infinite[1][2] = math.inf
    cases = [
        ("above", gradients, 1.25),
        ("below", gradients, 100.0),
        ("equal", exact, 5.0),
        ("zero", [torch.zeros_like(g) for g in gradients], 1.25),
        ("tiny", [1e-7 * g for g in gradients], 2e-7),
        ("infinite", infinite, 1.25),
    ]
    return {"cases": [clip_case(*case) for case in cases]}


# Losses


def extreme_logits():
    high, low = 1e3, -1e3
    rows = [
        [low, low, high, low, low, low, low],
        [high] * 7,
        [low] * 7,
        [high, 0.0, low, high, 0.5, low, high],
        [low, 1.0, 2.0, low, 3.0, low, -1.0],
    ]
    return torch.tensor(rows, dtype=torch.float64)


def logit_cases(source):
    return [
        ("random", source.uniform(5, 7, scale=3.0)),
        ("extreme", extreme_logits()),
        ("equal", torch.full((5, 7), 0.7, dtype=torch.float64)),
    ]


def cross_entropy_reduction(logits, targets, weights, reduction):
    function = lambda logits: {"loss": F.cross_entropy(logits, targets, reduction=reduction)}
    result = evaluate(function, {"logits": logits}, {"loss": weights})
    value = result["outputs"]["loss"]
    value = value.item() if value.dim() == 0 else value
    return {"loss_weights": weights, "loss": value, "gradient": result["gradients"]["logits"]}


def cross_entropy_case(source, name, logits):
    targets = torch.tensor([5, 0, 3, 2, 4])
    case = {"name": name, "logits": logits, "targets": targets}
    for reduction in ("mean", "sum", "none"):
        weights = source.uniform(5) if reduction == "none" else torch.tensor(1.0, dtype=torch.float64)
        case[reduction] = cross_entropy_reduction(logits, targets, weights, reduction)
    case["mean"].pop("loss_weights")
    case["sum"].pop("loss_weights")
    return case


def log_softmax_case(source, name, x):
    weights = source.uniform(*x.shape)
    result = evaluate(lambda x: {"y": F.log_softmax(x, dim=-1)}, {"x": x}, {"y": weights})
    y, gradient = result["outputs"]["y"], result["gradients"]["x"]
    return {"name": name, "x": x, "loss_weights": weights, "y": y, "gradient": gradient}


def losses(seed):
    source = Source(seed)
    cases = logit_cases(source)
    entropy = [cross_entropy_case(source, name, logits) for name, logits in cases]
    cases.append(("three_axes", source.uniform(2, 3, 4, scale=3.0)))
    return {"cross_entropy": entropy, "log_softmax": [log_softmax_case(source, *case) for case in cases]}


# Layers


def embedding_case(source, name, indices):
    parameters = {"weight": source.uniform(6, 3)}
    loss_weights = {"output": source.uniform(*indices.shape, 3)}
    result = evaluate(lambda weight: {"output": F.embedding(indices, weight)}, parameters, loss_weights)
    head = {"name": name, "inputs": {"indices": indices}, "parameters": parameters, "loss_weights": loss_weights}
    return {**head, **result}


def linear_case(source, name, batch, bias=True):
    inputs = {"x": source.uniform(*batch, 4)}
    parameters = {"weight": source.uniform(5, 4)}
    if bias:
        parameters["bias"] = source.uniform(5)
    loss_weights = {"output": source.uniform(*batch, 5)}
    function = lambda x, weight, bias=None: {"output": F.linear(x, weight, bias)}
    result = evaluate(function, {**inputs, **parameters}, loss_weights)
    return {"name": name, "inputs": inputs, "parameters": parameters, "loss_weights": loss_weights, **result}


def layers(seed):
    source = Source(seed)
    repeated = [
        ("one_axis", torch.tensor([4, 1, 4, 0, 1, 4, 2])),
        ("two_axes", torch.tensor([[5, 0, 0, 2], [2, 0, 5, 1]])),
    ]
    linear = [("two_axes", (3,)), ("three_axes", (2, 3)), ("no_bias", (3,), False)]
    return {
        "embedding": [embedding_case(source, *case) for case in repeated],
        "linear": [linear_case(source, *case) for case in linear],
    }


# Elementwise operations


def hard_sigmoid(x):
    """F.hardsigmoid, whose gradient in double has the digits of a float only."""
    return F.relu6(x + 3) / 6


UNARY = {
    "real": {
        "-": torch.neg, "abs": torch.abs, "square": torch.square, "exp": torch.exp, "expm1": torch.expm1, "sin": torch.sin,
        "cos": torch.cos, "tan": torch.tan, "atan": torch.atan, "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh,
        "erf": torch.erf, "erfc": torch.erfc, "sigmoid": torch.sigmoid, "softplus": F.softplus, "log_sigmoid": F.logsigmoid,
        "softsign": F.softsign, "hard_sigmoid": hard_sigmoid, "hard_tanh": F.hardtanh, "relu": F.relu, "selu": F.selu,
        "silu": F.silu, "gelu": F.gelu, "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "sign": torch.sign,
        "floor": torch.floor, "round": torch.round,
    },
    "positive": {
        "log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "reciprocal": torch.reciprocal,
    },
    "unit": {"asin": torch.asin, "acos": torch.acos},
}  # fmt: skip


def masked(compare):
    return lambda a, b: compare(a, b).to(a.dtype)


BINARY = {
    "real": {
        "+": torch.add, "-": torch.sub, "*": torch.mul, "maximum": torch.maximum, "minimum": torch.minimum,
        "squared_difference": lambda a, b: F.mse_loss(a, b.expand_as(a), reduction="none"), "leaky_relu": F.prelu,
        "atan2": torch.atan2, "hypot": torch.hypot, "<": masked(torch.lt), "<=": masked(torch.le), ">": masked(torch.gt),
        ">=": masked(torch.ge), "equal": masked(torch.eq), "not_equal": masked(torch.ne),
    },
    "positive": {"/": torch.div, "pow": torch.pow},
}  # fmt: skip
TERNARY = {
    "fma": lambda a, b, c: torch.addcmul(c, a, b),
    "lerp": torch.lerp,
    "clamp": torch.clamp,
    "where": lambda mask, a, b: torch.where(mask != 0, a, b),
}
WITH_NUMBERS = [
    ("leaky_relu", 0.2, F.leaky_relu),
    ("elu", 1.0, lambda x, alpha: F.elu(x)),  # PyTorch's derivative by alpha is not that of a number
    ("elu", 0.6, F.elu),
    ("thresholded_relu", 0.5, lambda x, theta: F.threshold(x, theta, 0.0)),
]


def elementwise_inputs(source):
    """With numbers at which PyTorch's conventions show: kinks, halves, equal operands."""
    real, positive = source.uniform(3, 5, scale=4.0), source.uniform(3, 5) + 1.2
    real[0] = torch.tensor([0.0, 1.0, -1.0, 3.0, -3.0])
    real[1, :4] = torch.tensor([0.5, 1.5, 2.5, -0.5])
    row = {"real": source.uniform(5, scale=2.0), "positive": source.uniform(5) + 1.2}
    row["real"][1:3] = real[0, 1:3]
    mask = torch.tensor([[0.0], [1.0], [0.0]], dtype=torch.float64)
    matrix = {"real": real, "positive": positive, "unit": 0.95 * source.uniform(3, 5)}
    return {"matrix": matrix, "row": row, "mask": mask, "loss_weights": source.uniform(3, 5)}


def elementwise_of(function, operands, weights, dtype):
    variables = [x.to(dtype, copy=True).requires_grad_() for x in operands]
    y = function(*variables)
    gradients = [torch.zeros_like(x) for x in variables]
    if y.requires_grad:
        found = torch.autograd.grad((weights.to(dtype) * y).sum(), variables, allow_unused=True)
        gradients = [zero if g is None else g for zero, g in zip(gradients, found)]
    return {"value": y, "gradients": gradients}


def elementwise_case(name, function, operands, weights):
    """`operands` are pairs of a name in the inputs, or a number, and its value."""
    values = [v for _, v in operands if isinstance(v, torch.Tensor)]
    numbers = [v for _, v in operands if not isinstance(v, torch.Tensor)]
    run = lambda *x: function(*x, *numbers)
    results = {str(t)[6:]: elementwise_of(run, values, weights, t) for t in (torch.float64, torch.float32)}
    return {"name": name, "operands": [key for key, _ in operands], **results}


def elementwise(seed):
    inputs = elementwise_inputs(Source(seed))
    matrix, row, mask, weights = inputs.values()
    of = lambda kind: (f"/matrix/{kind}", matrix[kind])
    along = lambda kind: (f"/row/{kind}", row[kind])
    cases = [(n, f, [of(kind)]) for kind, group in UNARY.items() for n, f in group.items()]
    cases += [(n, f, [of(kind), along(kind)]) for kind, group in BINARY.items() for n, f in group.items()]
    last = {"where": [("/mask", mask), of("real"), along("real")]}
    cases += [(n, f, last.get(n, [of("real"), along("real"), of("positive")])) for n, f in TERNARY.items()]
    cases += [(n, f, [of("real"), (number, number)]) for n, number, f in WITH_NUMBERS]
    return {"inputs": inputs, "cases": [elementwise_case(*case, weights) for case in cases]}


# Initialisation


def bounded(module, bound):
    """The shapes and the uniform bound of every parameter, after a look at what PyTorch really draws."""
    for parameter in module.parameters():
        assert 0.8 * bound < parameter.abs().max() <= bound * (1 + 1e-6)
    low_high = {"distribution": "uniform", "low": -bound, "high": bound}
    return {name: {"shape": list(value.shape), **low_high} for name, value in module.named_parameters()}


def recurrent_init(module, I, H):
    layer = MODULES[module](I, H)
    sizes = {"input_size": I, "hidden_size": H}
    return {"module": module, **sizes, "parameters": bounded(layer, 1 / math.sqrt(H))}


def linear_init(inputs, outputs):
    sizes = {"in_features": inputs, "out_features": outputs}
    return {"module": "Linear", **sizes, "parameters": bounded(nn.Linear(inputs, outputs), 1 / math.sqrt(inputs))}


def embedding_init(count, width):
    weight = nn.Embedding(count, width).weight
    assert abs(weight.mean()) < 0.1 and abs(weight.std() - 1) < 0.1
    normal = {"shape": [count, width], "distribution": "normal", "mean": 0.0, "std": 1.0}
    return {"module": "Embedding", "num_embeddings": count, "embedding_dim": width, "parameters": {"weight": normal}}


def initialisation(seed):
    torch.manual_seed(0)
    recurrent_cases = [recurrent_init(module, 40, 64) for module in MODULES]
    return {"cases": [*recurrent_cases, linear_init(40, 64), embedding_init(65, 32)]}


# Files

FILES = {
    "rnn": lambda seed: recurrent(seed, "RNN"),
    "lstm": lambda seed: recurrent(seed, "LSTM"),
    "gru": lambda seed: recurrent(seed, "GRU"),
    "lstm_no_bias": lambda seed: recurrent(seed, "LSTM", T=3, B=2, I=5, H=4, bias=False),
    "lstm_degenerate": lambda seed: recurrent(seed, "LSTM", T=1, B=1, I=1, H=1),
    "optim": optimisers,
    "clip": clipping,
    "losses": losses,
    "layers": layers,
    "elementwise": elementwise,
    "init": initialisation,
    "array_ops": lambda seed: array_ops(Source(seed)),
    "training": lambda seed: training(),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--out", type=pathlib.Path, default=here, help="folder to write to (default: beside this file)")
    return parser.parse_args()


def main():
    torch.set_num_threads(1)
    out = arguments().out
    out.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        content = {"source": f"PyTorch {torch.__version__}, tests/golden/generate.py", **make(name)}
        (out / f"{name}.json").write_text(render(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
