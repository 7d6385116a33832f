#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes second_order.json: second derivatives of PyTorch's nn.RNN, nn.LSTM and nn.GRU, of two layers in both directions.

    /usr/bin/python3 tests/golden/second_order.py

The loss is that of half the weighed squares of all outputs.  Parameters, inputs, weights and directions are those of
recurrent.py's formula.  Vectors are flat: the input, then all parameters in PyTorch's order.
"""

import pathlib

import torch
from torch import nn

from generate import render
from recurrent import filled

T, B, I, H = 4, 2, 3, 3


def flat(arrays):
    return torch.cat([a.reshape(-1) for a in arrays])


def case(kind):
    net = getattr(nn, kind)(I, H, 2, bidirectional=True).double()
    for seed, (_, p) in enumerate(net.named_parameters()):
        p.data = filled(seed + 10, *p.shape)
    x = filled(1, T, B, I).requires_grad_()
    at = [x, *net.parameters()]
    v = [filled(60 + k, *a.shape) for k, a in enumerate(at)]
    y = net(x)[0]
    weight = filled(4, *y.shape)
    loss = 0.5 * (weight * y * y).sum()
    g = torch.autograd.grad(loss, at, create_graph=True)
    hv = torch.autograd.grad(sum((a * b).sum() for a, b in zip(g, v)), at, retain_graph=True)
    u = torch.zeros_like(y, requires_grad=True)
    uj = torch.autograd.grad(y, at, u, create_graph=True)
    jv = torch.autograd.grad(sum((a * b).sum() for a, b in zip(uj, v)), u, retain_graph=True)[0]
    gn = torch.autograd.grad(y, at, weight * jv, retain_graph=True)
    penalty = (g[0] ** 2).sum()
    of_penalty = torch.autograd.grad(penalty, at)
    return {
        "kind": kind, "gradient": flat(g).detach(), "hvp": flat(hv), "jvp": jv, "gauss_newton": flat(gn),
        "gradient_of_penalty": flat(of_penalty),
    }


if __name__ == "__main__":
    source = f"PyTorch {torch.__version__}, tests/golden/second_order.py"
    sizes = {"T": T, "B": B, "I": I, "H": H}
    text = render({"source": source, "sizes": sizes, "cases": [case(k) for k in ("RNN", "LSTM", "GRU")]})
    (pathlib.Path(__file__).parent / "second_order.json").write_text(text + "\n")
