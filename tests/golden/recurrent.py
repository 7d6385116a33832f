#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes recurrent.json: what PyTorch's nn.RNN, nn.LSTM and nn.GRU compute, in every form that they have.

    /usr/bin/python3 tests/golden/recurrent.py

Parameters, inputs and weights of losses are not in the file, because a formula gives them: `filled`, which the test has
too.  Its numbers are exact in float32, so that the same file serves both element types.
"""

import itertools
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from generate import render

T, B, I, H, P = 4, 3, 2, 3, 2
LENGTHS = [2, 4, 3]


def filled(seed, *shape):
    """Unequal numbers in [-0.5, 0.5), element k of an array by its place: all are multiples of 1/2048."""
    n = torch.Size(shape).numel()
    k = torch.arange(n, dtype=torch.int64)
    return (((k * k * 31 + k * 7919 + seed * 104729) % 2039).double() / 2048 - 0.5).reshape(shape)


def case(kind, layers, bidirectional, projection, lengths):
    more = {"proj_size": projection} if projection else {}
    if kind == "RELU":
        net = nn.RNN(I, H, layers, bidirectional=bidirectional, nonlinearity="relu").double()
    else:
        net = getattr(nn, kind)(I, H, layers, bidirectional=bidirectional, **more).double()
    for seed, (_, p) in enumerate(net.named_parameters()):
        p.data = filled(seed + 10, *p.shape)
    d = layers * (2 if bidirectional else 1)
    x = filled(1, T, B, I).requires_grad_()
    states = [filled(2, d, B, projection or H).requires_grad_()]
    if kind == "LSTM":
        states.append(filled(3, d, B, H).requires_grad_())
    s0 = tuple(states) if kind == "LSTM" else states[0]
    if lengths:
        ys, last = net(pack_padded_sequence(x, lengths, enforce_sorted=False), s0)
        ys = pad_packed_sequence(ys, total_length=T)[0]
    else:
        ys, last = net(x, s0)
    last = list(last) if kind == "LSTM" else [last]
    loss = (ys * filled(4, *ys.shape)).sum()
    for k, s in enumerate(last):
        loss = loss + (s * filled(5 + k, *s.shape)).sum()
    loss.backward()
    grads = {"x": x.grad, **{f"{'hc'[k]}0": s.grad for k, s in enumerate(states)}}
    grads.update({name: p.grad for name, p in net.named_parameters()})
    return {
        "kind": kind, "layers": layers, "bidirectional": bidirectional, "projection": projection, "lengths": lengths,
        "outputs": {"output": ys.detach(), **{"hc"[k]: s.detach() for k, s in enumerate(last)}},
        "gradients": grads,
    }


def cases():
    for kind, layers, bidirectional, lengths in itertools.product(["RNN", "LSTM", "GRU"], [1, 3], [False, True], [[], LENGTHS]):
        for projection in [0, P] if kind == "LSTM" else [0]:
            yield case(kind, layers, bidirectional, projection, lengths)
    yield case("RELU", 2, True, 0, LENGTHS)


if __name__ == "__main__":
    source = f"PyTorch {torch.__version__}, tests/golden/recurrent.py"
    sizes = {"T": T, "B": B, "I": I, "H": H}
    text = render({"source": source, "sizes": sizes, "cases": list(cases())})
    (pathlib.Path(__file__).parent / "recurrent.json").write_text(text + "\n")
