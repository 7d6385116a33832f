#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes onnx.json: what ONNX's operators RNN, GRU and LSTM compute, by the equations in their text.

    python3 tests/golden/onnx_reference.py

It needs nothing but Python: one sequence, one direction and one step at a time, on lists of numbers.  Inputs are not in the
file, because a formula gives them: `filled`, which the test has too.  Of each output it holds the sum of all elements, each
times an unequal weight by the same formula, so that an element in the wrong place shows.
"""

import itertools
import json
import math
import pathlib

T, B, I, H = 4, 3, 2, 3
LENGTHS = [2, 4, 0]
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
USUAL = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}

# ---- arrays -----------------------------------------------------------------------------------------------------------


def number_at(seed, k):
    return ((k * k * 31 + k * 7919 + seed * 104729) % 2039) / 2048 - 0.5


def filled(seed, *shape, first=0):
    """Unequal numbers in [-0.5, 0.5), element k of an array by its place: all are multiples of 1/2048."""
    if not shape:
        return number_at(seed, first)
    inner = math.prod(shape[1:])
    return [filled(seed, *shape[1:], first=first + n * inner) for n in range(shape[0])]


def swapped(x):
    """The first two axes, one for the other."""
    return [list(row) for row in zip(*x)]


def flat(x):
    return [x] if isinstance(x, float) else [v for row in x for v in flat(row)]


def weighted_sum(seed, x):
    return math.fsum(v * number_at(seed, k) for k, v in enumerate(flat(x)))


# ---- activations ------------------------------------------------------------------------------------------------------

FUNCTIONS = {  # the function, then defaults of alpha and beta: None where there is no default
    "Relu": (lambda x: max(0.0, x),),
    "Tanh": (math.tanh,),
    "Sigmoid": (lambda x: 1 / (1 + math.exp(-x)),),
    "Affine": (lambda x, a, b: a * x + b, None, None),
    "LeakyRelu": (lambda x, a: x if x >= 0 else a * x, 0.01),
    "ThresholdedRelu": (lambda x, a: x if x >= a else 0.0, 1.0),
    "ScaledTanh": (lambda x, a, b: a * math.tanh(b * x), None, None),
    "HardSigmoid": (lambda x, a, b: min(max(a * x + b, 0.0), 1.0), 0.2, 0.5),
    "Elu": (lambda x, a: x if x >= 0 else a * (math.exp(x) - 1), 1.0),
    "Softsign": (lambda x: x / (1 + abs(x)),),
    "Softplus": (lambda x: math.log(1 + math.exp(x)),),
}


SEEN = []  # what went into activations


def seen(x):
    SEEN.append(x)
    return x


def activations(attributes, usual):
    """The functions in order, each on a number within the clip."""
    alphas, betas = (list(attributes.get(f"activation_{name}", [])) for name in ("alpha", "beta"))
    clip = attributes.get("clip", math.inf)
    out = []
    for name in attributes.get("activations", usual):
        f, *defaults = FUNCTIONS[name]
        values = [given.pop(0) if given else default for given, default in zip((alphas, betas), defaults)]
        out.append(lambda x, f=f, values=values: f(seen(max(-clip, min(clip, x))), *values))
    assert not alphas and not betas
    return out


# ---- one step, by the equations ---------------------------------------------------------------------------------------


def dot(a, b):
    return sum(p * q for p, q in zip(a, b, strict=True))


class Direction:
    def __init__(self, W, R, bias, P, functions):
        self.W, self.R, self.P, self.functions = W, R, P, functions
        self.Wb, self.Rb = bias[: len(W)], bias[len(W) :]

    def x_part(self, gate, k, x):
        return dot(x, self.W[gate * H + k]) + self.Wb[gate * H + k]

    def h_part(self, gate, k, h):
        return dot(h, self.R[gate * H + k]) + self.Rb[gate * H + k]

    def both(self, gate, k, x, h):
        return self.x_part(gate, k, x) + self.h_part(gate, k, h)


def rnn_step(d, attributes, x, h, c):
    (f,) = d.functions
    return [f(d.both(0, k, x, h)) for k in range(H)], c


def gru_step(d, attributes, x, h, c):
    f, g = d.functions
    z = [f(d.both(0, k, x, h)) for k in range(H)]
    r = [f(d.both(1, k, x, h)) for k in range(H)]
    if attributes.get("linear_before_reset", 0):
        n = [g(d.x_part(2, k, x) + r[k] * d.h_part(2, k, h)) for k in range(H)]
    else:
        reset = [r[k] * h[k] for k in range(H)]
        n = [g(d.x_part(2, k, x) + d.h_part(2, k, reset)) for k in range(H)]
    return [(1 - z[k]) * n[k] + z[k] * h[k] for k in range(H)], c


def lstm_step(d, attributes, x, h, c):
    f, g, act_h = d.functions
    Pi, Po, Pf = d.P[:H], d.P[H : 2 * H], d.P[2 * H :]
    it = [f(d.both(0, k, x, h) + Pi[k] * c[k]) for k in range(H)]
    ft = [f(d.both(2, k, x, h) + Pf[k] * c[k]) for k in range(H)]
    if attributes.get("input_forget", 0):
        ft = [1 - i for i in it]
    ct = [g(d.both(3, k, x, h)) for k in range(H)]
    C = [ft[k] * c[k] + it[k] * ct[k] for k in range(H)]
    ot = [f(d.both(1, k, x, h) + Po[k] * C[k]) for k in range(H)]
    return [ot[k] * act_h(C[k]) for k in range(H)], C


STEPS = {"RNN": rnn_step, "GRU": gru_step, "LSTM": lstm_step}

# ---- the operators ----------------------------------------------------------------------------------------------------


def sequence(op, d, attributes, xs, steps, h, c):
    """The outputs at all T steps, and the last state, of one sequence that has those steps in that order."""
    ys = [[0.0] * H for _ in xs]
    for t in steps:
        h, c = STEPS[op](d, attributes, xs[t], h, c)
        ys[t] = h
    return ys, h, c


def operator(op, attributes, inputs):
    G, direction = GATES[op], attributes.get("direction", "forward")
    D, layout = (2 if direction == "bidirectional" else 1), attributes.get("layout", 0)
    state = (B, D, H) if layout else (D, B, H)
    given = lambda name, seed, *shape: filled(seed, *shape) if name in inputs else None
    X, W, R = filled(51, *((B, T, I) if layout else (T, B, I))), filled(52, D, G * H, I), filled(53, D, G * H, H)
    bias = given("B", 54, D, 2 * G * H) or [[0.0] * (2 * G * H)] * D
    h0, c0 = given("initial_h", 55, *state), given("initial_c", 56, *state)
    P = given("P", 57, D, 3 * H) or [[0.0] * (3 * H)] * D
    lengths = LENGTHS if "sequence_lens" in inputs else [T] * B
    X = X if layout else swapped(X)  # from here on [B][T], and states [D][B]
    h0, c0 = (s if s is None or not layout else swapped(s) for s in (h0, c0))
    functions = activations(attributes, USUAL[op] * D)
    n = len(functions) // D
    Y = [[[None] * D for _ in range(T)] for _ in range(B)]  # layout 1
    Yh, Yc = [[[None] * D for _ in range(B)] for _ in range(2)]
    for k, b in itertools.product(range(D), range(B)):
        d = Direction(W[k], R[k], bias[k], P[k], functions[k * n : (k + 1) * n])
        steps = range(lengths[b])
        steps = reversed(steps) if direction == "reverse" or k == 1 else steps
        zeros = [0.0] * H
        ys, Yh[b][k], Yc[b][k] = sequence(op, d, attributes, X[b], steps, h0[k][b] if h0 else zeros, c0[k][b] if c0 else zeros)
        for t in range(T):
            Y[b][t][k] = ys[t]
    if not layout:
        Y = [swapped(step) for step in swapped(Y)]  # [B][T][D] -> [T][B][D] -> [T][D][B]
        Yh, Yc = swapped(Yh), swapped(Yc)
    outputs = {"Y": Y, "Y_h": Yh, "Y_c": Yc} if op == "LSTM" else {"Y": Y, "Y_h": Yh}
    return {name: weighted_sum(58 + k, y) for k, (name, y) in enumerate(outputs.items())}


# ---- cases ------------------------------------------------------------------------------------------------------------

EVERYTHING = ["B", "sequence_lens", "initial_h", "initial_c", "P"]
DIRECTIONS = ["forward", "reverse", "bidirectional"]


def taken(op, inputs):
    return [i for i in inputs if op == "LSTM" or i not in ("initial_c", "P")]


def combinations():
    """All options with each other."""
    for op, direction, lengths, layout, clip in itertools.product(GATES, DIRECTIONS, [0, 1], [0, 1], [None, 0.3]):
        more = {"RNN": [None], "GRU": ["linear_before_reset"], "LSTM": ["input_forget"]}[op]
        for name, on, peepholes in itertools.product(more, [0, 1] if more[0] else [0], [0, 1] if op == "LSTM" else [0]):
            attributes = {"direction": direction, "layout": layout}
            if clip:
                attributes["clip"] = clip
            if name:
                attributes[name] = on
            left_out = ([] if lengths else ["sequence_lens"]) + ([] if peepholes else ["P"])
            yield op, attributes, taken(op, [i for i in EVERYTHING if i not in left_out])


def absent_inputs():
    for op, layout in itertools.product(GATES, [0, 1]):
        for inputs in [], ["B"], ["initial_h"], ["initial_c"], ["P"]:
            if inputs == taken(op, inputs):
                yield op, {"direction": "bidirectional", "layout": layout}, inputs


def functions():
    alone = [  # in an RNN
        ("Relu", [], []), ("Tanh", [], []), ("Sigmoid", [], []), ("Affine", [0.7], [0.1]), ("LeakyRelu", [], []),
        ("LeakyRelu", [0.3], []), ("ThresholdedRelu", [], []), ("ThresholdedRelu", [0.05], []), ("ScaledTanh", [1.7], [0.6]),
        ("HardSigmoid", [], []), ("HardSigmoid", [0.9], [0.4]), ("HardSigmoid", [0.9], []), ("Elu", [], []),
        ("Elu", [0.4], []), ("Softsign", [], []), ("Softplus", [], []),
    ]
    for name, alpha, beta in alone:
        yield "RNN", {"direction": "bidirectional", "activations": [name] * 2, "activation_alpha": alpha * 2,
                      "activation_beta": beta * 2}, ["B", "initial_h"]
    yield "RNN", {"direction": "bidirectional", "activations": ["LeakyRelu", "Elu"], "activation_alpha": [0.2, 0.6]}, ["B"]
    yield "RNN", {"direction": "bidirectional", "activations": ["Tanh", "ScaledTanh"], "activation_alpha": [1.3],
                  "activation_beta": [0.8], "clip": 0.2}, ["B"]
    lists = {
        "GRU": [["HardSigmoid", "LeakyRelu", "Sigmoid", "Elu"], ["Sigmoid", "Softsign", "HardSigmoid", "Affine"],
                ["Softplus", "Relu", "Sigmoid", "ThresholdedRelu"]],
        "LSTM": [["HardSigmoid", "Softsign", "LeakyRelu", "Sigmoid", "ScaledTanh", "Elu"],
                 ["Sigmoid", "LeakyRelu", "Affine", "HardSigmoid", "Tanh", "ScaledTanh"],
                 ["Softplus", "Elu", "Tanh", "Sigmoid", "Relu", "Softsign"]],
    }
    values = {"HardSigmoid": (0.3, 0.45), "LeakyRelu": (0.25,), "Elu": (0.7,), "Affine": (0.8, 0.05), "ScaledTanh": (1.2, 0.9),
              "ThresholdedRelu": (0.1,)}
    for op, names, clip in itertools.chain.from_iterable([(op, n, c) for n in lists[op] for c in (None, 0.25)] for op in lists):
        numbers = [values.get(name, ()) for name in names]
        attributes = {"direction": "bidirectional", "activations": names, "activation_alpha": [v[0] for v in numbers if v],
                      "activation_beta": [v[1] for v in numbers if len(v) > 1]}
        yield op, attributes | ({"clip": clip} if clip else {}), taken(op, EVERYTHING)
        first_only = {k: v[:1] if k.startswith("activation_") and v and names[0] == "HardSigmoid" else v for k, v in attributes.items()}
        if first_only != attributes and "ScaledTanh" not in names and "Affine" not in names:
            yield op, first_only, taken(op, EVERYTHING)  # the others by default


def cases():
    for op, attributes, inputs in itertools.chain(combinations(), absent_inputs(), functions()):
        attributes = {k: v for k, v in attributes.items() if v not in ("forward", 0, [])}
        SEEN.clear()
        sums = operator(op, attributes, inputs)
        assert min(SEEN) < -0.15 and max(SEEN) > 0.15, "kinks would not show"
        yield {"op": op, "attributes": attributes, "inputs": inputs, "sums": sums}


if __name__ == "__main__":
    lines = ",\n".join("    " + json.dumps(c) for c in cases())
    head = json.dumps({"source": "tests/golden/onnx_reference.py", "sizes": {"T": T, "B": B, "I": I, "H": H}, "lengths": LENGTHS})
    (pathlib.Path(__file__).parent / "onnx.json").write_text(f'{head[:-1]}, "cases": [\n{lines}\n]}}\n')
