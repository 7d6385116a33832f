#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes accuracy.json: what the functions of one argument are, from mpmath with 400 bits.

    python3 tests/golden/accuracy.py [--out FOLDER]

Needs mpmath (Debian: python3-mpmath).  Inputs come from Python's own generator; those of float32 are the same, rounded.
A value outside of a function's domain is "nan"; at infinity it is the limit, where there is one.
"""

import argparse
import json
import math
import pathlib
import random
import struct
import sys

from mpmath import mp, mpf

mp.prec = 400
INF, NAN = math.inf, math.nan
LARGEST, TINY = mpf(sys.float_info.max), mpf("1e-330")


# Inputs


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def uniform(source, low, high, n):
    return [source.uniform(low, high) for _ in range(n)]


def magnitudes(source, low, high, n):
    return [10 ** source.uniform(low, high) for _ in range(n)]


def signed(source, values):
    return [source.choice((-1, 1)) * x for x in values]


def inputs():
    source = random.Random("accuracy")
    return {
        "real": uniform(source, -6, 6, 50) + uniform(source, -30, 30, 20) + signed(source, magnitudes(source, -8, 1, 30)),
        "positive": uniform(source, 0, 4, 50) + magnitudes(source, -30, 30, 50),
        "above_minus_one": uniform(source, -1, 4, 60) + signed(source, magnitudes(source, -8, 0, 40)),
        "unit": uniform(source, -1, 1, 60) + signed(source, magnitudes(source, -8, 0, 40)),
    }


SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-8, -1e-8, 1e30, -1e30, INF, -INF, NAN]
SPECIAL_OF = {
    "float64": SPECIAL + [5e-324, -5e-324, 1e-310, -1e-310],
    "float32": [single(x) for x in SPECIAL] + [2.0**-149, -(2.0**-149), 2.0**-130, -(2.0**-130)],
}


# Functions:  f, its inputs, its values at -inf and inf, and where it is defined


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def selu(x):
    return mpf("1.0507009873554804934193349852946") * (x if x > 0 else mpf("1.6732632423543772848170429916717") * mp.expm1(x))


def gelu_tanh(x):
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3))


def anywhere(x):
    return True


HALF_PI = mp.pi / 2
FUNCTIONS = {
    "-": (lambda x: -x, "real", INF, -INF, anywhere),
    "abs": (abs, "real", INF, INF, anywhere),
    "square": (lambda x: x * x, "real", INF, INF, anywhere),
    "reciprocal": (lambda x: 1 / x, "real", 0.0, 0.0, anywhere),
    "sqrt": (mp.sqrt, "positive", NAN, INF, lambda x: x >= 0),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), "positive", NAN, 0.0, lambda x: x >= 0),
    "exp": (mp.exp, "real", 0.0, INF, anywhere),
    "expm1": (mp.expm1, "real", -1.0, INF, anywhere),
    "log": (mp.log, "positive", NAN, INF, lambda x: x >= 0),
    "log1p": (mp.log1p, "above_minus_one", NAN, INF, lambda x: x >= -1),
    "sin": (mp.sin, "real", NAN, NAN, anywhere),
    "cos": (mp.cos, "real", NAN, NAN, anywhere),
    "tan": (mp.tan, "real", NAN, NAN, anywhere),
    "asin": (mp.asin, "unit", NAN, NAN, lambda x: abs(x) <= 1),
    "acos": (mp.acos, "unit", NAN, NAN, lambda x: abs(x) <= 1),
    "atan": (mp.atan, "real", -HALF_PI, HALF_PI, anywhere),
    "sinh": (mp.sinh, "real", -INF, INF, anywhere),
    "cosh": (mp.cosh, "real", INF, INF, anywhere),
    "tanh": (mp.tanh, "real", -1.0, 1.0, anywhere),
    "erf": (mp.erf, "real", -1.0, 1.0, anywhere),
    "erfc": (mp.erfc, "real", 2.0, 0.0, anywhere),
    "sigmoid": (sigmoid, "real", 0.0, 1.0, anywhere),
    "softplus": (softplus, "real", 0.0, INF, anywhere),
    "log_sigmoid": (lambda x: -softplus(-x), "real", -INF, 0.0, anywhere),
    "softsign": (lambda x: x / (1 + abs(x)), "real", -1.0, 1.0, anywhere),
    "hard_sigmoid": (lambda x: min(max((x + 3) / 6, mpf(0)), mpf(1)), "real", 0.0, 1.0, anywhere),
    "hard_tanh": (lambda x: min(max(x, mpf(-1)), mpf(1)), "real", -1.0, 1.0, anywhere),
    "relu": (lambda x: max(x, mpf(0)), "real", 0.0, INF, anywhere),
    "selu": (selu, "real", float(selu(mpf(-1000))), INF, anywhere),
    "silu": (lambda x: x * sigmoid(x), "real", 0.0, INF, anywhere),
    "gelu": (lambda x: x / 2 * mp.erfc(-x / mp.sqrt(2)), "real", 0.0, INF, anywhere),
    "gelu_tanh": (gelu_tanh, "real", 0.0, INF, anywhere),
    "sign": (mp.sign, "real", -1.0, 1.0, anywhere),
    "floor": (mp.floor, "real", -INF, INF, anywhere),
    "round": (mp.nint, "real", -INF, INF, anywhere),
}
AT_ZERO = {"log": (-INF, -INF), "reciprocal": (INF, -INF), "rsqrt": (INF, -INF)}  # at 0 and -0
AT_MINUS_ONE = {"log1p": -INF}


def evaluate(name, x):
    f, _, low, high, defined = FUNCTIONS[name]
    if math.isnan(x):
        return NAN
    if math.isinf(x):
        return high if x > 0 else low
    if x == 0 and name in AT_ZERO:
        return AT_ZERO[name][math.copysign(1, x) < 0]
    if x == -1 and name in AT_MINUS_ONE:
        return AT_MINUS_ONE[name]
    return f(mpf(x)) if defined(x) else NAN


# JSON


def text(value, digits):
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(str(value))
    if abs(value) > LARGEST:
        return json.dumps("inf" if value > 0 else "-inf")
    return mp.nstr(mpf(value), digits, strip_zeros=True) if abs(value) > TINY else "0.0"


def listed(values, digits):
    return "[" + ", ".join(text(v, digits) for v in values) + "]"


def number(x):
    return json.dumps(str(x)) if not math.isfinite(x) else repr(x)


def both(values_of, digits=(17, 10)):
    """One list for each element type, from what gives the values for it."""
    return ", ".join(f'"{t}": {listed(values_of(t), d)}' for t, d in zip(("float64", "float32"), digits))


def block(pairs, indent):
    pad = "\n" + "  " * indent
    return "{" + ",".join(f'{pad}"{name}": {value}' for name, value in pairs) + "\n" + "  " * (indent - 1) + "}"


def inputs_text(values):
    narrow = [single(x) for x in values]
    return f'{{"float64": [{", ".join(map(number, values))}], "float32": [{", ".join(f"{x:.9g}" for x in narrow)}]}}'


def function_text(name, values):
    at = {"float64": values, "float32": [single(x) for x in values]}
    regular = both(lambda t: [evaluate(name, x) for x in at[t]])
    special = both(lambda t: [evaluate(name, x) for x in SPECIAL_OF[t]])
    return f'{{"inputs": "{FUNCTIONS[name][1]}",\n    {regular},\n    "special": {{{special}}}}}'


def document():
    values = inputs()
    special = ", ".join(f'"{t}": [{", ".join(map(number, SPECIAL_OF[t]))}]' for t in SPECIAL_OF)
    functions = [(name, function_text(name, values[row[1]])) for name, row in FUNCTIONS.items()]
    return block(
        [
            ("source", '"mpmath, tests/golden/accuracy.py"'),
            ("inputs", block([(name, inputs_text(v)) for name, v in values.items()], 2)),
            ("special", f"{{{special}}}"),
            ("functions", block(functions, 2)),
        ],
        1,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--out", type=pathlib.Path, default=here, help="folder to write to (default: beside this file)")
    (parser.parse_args().out / "accuracy.json").write_text(document() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
