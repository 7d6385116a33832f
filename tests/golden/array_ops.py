# SPDX-License-Identifier: BSD-3-Clause
"""What PyTorch computes where an operation of arrays, or a loss, has its like there.

Each case has its inputs, the value, the weights of a loss (Σ weights ∘ value) and the gradients of that loss. The tests know
what to call by the name of the case.
"""

import torch
from torch.nn import functional as F


def case(source, inputs, function):
    inputs = [x.clone().requires_grad_() for x in inputs]
    value = function(*inputs)
    weights = source.uniform(*value.shape)
    gradients = list(torch.autograd.grad((weights * value).sum(), inputs))
    return {"inputs": inputs, "value": value, "weights": weights, "gradients": gradients}


def reductions(source):
    x = source.uniform(3, 4, 2, scale=2.0)
    tied = torch.tensor([[1.0, 3.0, 3.0], [-2.0, -2.0, -2.0]], dtype=torch.float64)
    zeros = torch.tensor([[2.0, 0.0, -1.5], [0.0, 3.0, 0.0]], dtype=torch.float64)
    yield "sum", [x], lambda x: x.sum((0, 2))
    yield "mean", [x], lambda x: x.mean(1, keepdim=True)
    yield "prod", [x], lambda x: x.prod(1)
    yield "prod_with_zeros", [zeros], lambda x: x.prod(1)
    yield "var", [x], lambda x: x.var((0, 2))
    yield "var_uncorrected", [x], lambda x: x.var(1, unbiased=False, keepdim=True)
    yield "stddev", [x], lambda x: x.std((0, 1))
    yield "max", [x], lambda x: x.amax((0, 2))
    yield "max_tied", [tied], lambda x: x.amax(1)
    yield "min", [x], lambda x: x.amin(1)
    yield "norm2", [x], lambda x: torch.linalg.vector_norm(x, dim=(0, 1))
    yield "logsumexp", [x], lambda x: x.logsumexp((1, 2))
    yield "softmax", [x], lambda x: x.softmax(1)
    yield "log_softmax", [x], lambda x: x.log_softmax(0)
    yield "cumsum", [x], lambda x: x.cumsum(1)
    yield "cumprod", [x], lambda x: x.cumprod(1)
    yield "cumprod_with_zeros", [zeros], lambda x: x.cumprod(1)
    yield "layer_norm", [x], lambda x: F.layer_norm(x, (4, 2), eps=1e-3)
    yield "rms_norm", [x], lambda x: x / (x.square().mean(-1, keepdim=True) + 1e-3).sqrt()


def products(source):
    yield "matmul", [source.uniform(3, 4), source.uniform(4, 2)], torch.matmul
    yield "matmul_vector", [source.uniform(3, 4), source.uniform(4)], torch.matmul
    yield "matmul_batched", [source.uniform(2, 1, 3, 4), source.uniform(5, 4, 2)], torch.matmul
    yield "matmul_vector_batched", [source.uniform(4), source.uniform(5, 4, 2)], torch.matmul
    yield "bilinear", [source.uniform(5, 2), source.uniform(3, 2, 4), source.uniform(5, 4)], lambda a, w, b: F.bilinear(a, b, w)
    yield "outer", [source.uniform(3), source.uniform(4)], torch.outer
    yield "dot", [source.uniform(5), source.uniform(5)], torch.dot


def layout(source):
    x = source.uniform(4, 3, 2)
    yield "slice_with_step", [x], lambda x: x[1:4:2]
    yield "flip", [x], lambda x: x.flip(1)
    yield "pad", [x], lambda x: F.pad(x, (0, 0, 2, 1), value=0.5)
    yield "repeat", [x], lambda x: x.repeat(1, 2, 1)
    yield "broadcast_to", [source.uniform(3, 1)], lambda x: torch.broadcast_to(x, (2, 3, 4))
    yield "gather", [x], lambda x: x.gather(1, torch.tensor([[[0, 2], [1, 1]], [[2, 2], [0, 1]], [[0, 0], [0, 0]], [[1, 2], [2, 0]]]))
    yield "permute", [x], lambda x: x.permute(2, 0, 1)
    yield "stack", [source.uniform(2, 3), source.uniform(2, 3)], lambda a, b: torch.stack((a, b), 1)
    yield "concat", [source.uniform(2, 3), source.uniform(2, 1)], lambda a, b: torch.cat((a, b), 1)
    yield "chunk", [source.uniform(5, 2)], lambda x: x.chunk(2, 0)[1]


def class_losses(source):
    x = source.uniform(5, 4, scale=3.0)
    targets = torch.tensor([3, 0, -100, 2, 0])
    weights = torch.tensor([0.5, 2.0, 1.5, 0.25], dtype=torch.float64)
    for how in "mean", "sum", "none":
        yield f"cross_entropy_{how}", [x], lambda x: F.cross_entropy(x, targets, weights, reduction=how, label_smoothing=0.1)
        yield f"nll_{how}", [x], lambda x: F.nll_loss(x.log_softmax(-1), targets, weights, reduction=how)
    y = source.uniform(7, 3, 5, scale=2.0)
    padded = torch.tensor([[1, 1, 4], [2, 0, 0], [3, 4, 1]])
    lengths = torch.tensor([7, 5, 6]), torch.tensor([3, 1, 3])
    for how in "mean", "sum", "none":
        yield f"ctc_{how}", [y], lambda y: F.ctc_loss(y.log_softmax(-1), padded, *lengths, reduction=how)
    impossible = torch.tensor([[1, 1, 1]])
    yield "ctc_zero_infinity", [source.uniform(4, 1, 3)], lambda y: F.ctc_loss(
        y.log_softmax(-1), impossible, torch.tensor([4]), torch.tensor([3]), reduction="sum", zero_infinity=True)


def probabilities(source, *shape):
    return source.uniform(*shape).add(1).div(2)


def element_losses(source):
    a, b = source.uniform(3, 4, scale=2.0), source.uniform(3, 4, scale=2.0)
    p, q = probabilities(source, 3, 4), probabilities(source, 3, 4)
    ends = torch.tensor([0.0, 0.0, 1.0, 1.0, 0.5], dtype=torch.float64), torch.tensor([0.0, 1.0, 0.0, 1.0, 0.25], dtype=torch.float64)
    far = torch.tensor([-1000.0, -50.0, 0.0, 50.0, 1000.0], dtype=torch.float64), torch.tensor([1.0, 0.0, 0.5, 1.0, 0.0], dtype=torch.float64)
    yield "mse", [a, b], F.mse_loss
    yield "mae", [a, b], F.l1_loss
    yield "huber", [a, b], lambda a, b: F.huber_loss(a, b, delta=0.7)
    yield "bce", [p, q], F.binary_cross_entropy
    yield "bce_at_the_ends", [ends[0]], lambda x: F.binary_cross_entropy(x, ends[1], reduction="none")
    yield "bce_with_logits", [a, q], F.binary_cross_entropy_with_logits
    yield "bce_with_logits_far_away", [far[0]], lambda x: F.binary_cross_entropy_with_logits(x, far[1], reduction="none")
    yield "kl_div", [a, q], lambda a, q: F.kl_div(a, q, reduction="sum") / 12
    yield "hinge", [a, b], lambda a, b: (1 - a * b).relu().mean()
    yield "poisson_nll", [a, b], F.poisson_nll_loss
    yield "gaussian_nll", [a, b, p], F.gaussian_nll_loss
    yield "cosine", [a, b], lambda a, b: (1 - F.cosine_similarity(a, b, -1)).mean()


def decompositions(source):
    x, b, v = source.uniform(4, 4) + 3 * torch.eye(4), source.uniform(4, 3), source.uniform(4)
    y = source.uniform(5, 5)
    positive = y @ y.T + torch.eye(5)  # symmetric: what is above the diagonal, PyTorch does not read
    exchanged = (source.uniform(4, 4) + 3 * torch.eye(4)).flip(0)  # with a negative determinant, and pivots that are not in order
    yield "solve", [x, b], torch.linalg.solve
    yield "solve_vector", [x, v], torch.linalg.solve
    yield "solve_with_pivots", [exchanged, b], torch.linalg.solve
    yield "inverse", [x], torch.linalg.inv
    yield "cholesky", [positive], torch.linalg.cholesky
    yield "logdet", [x], lambda x: torch.linalg.slogdet(x)[1]
    yield "logdet_of_a_reflection", [exchanged.flip(1)[[1, 0, 2, 3]]], lambda x: torch.linalg.slogdet(x)[1]


def array_ops(source):
    groups = reductions, products, layout, class_losses, element_losses, decompositions
    return {name: case(source, inputs, function) for group in groups for name, inputs, function in group(source)}
