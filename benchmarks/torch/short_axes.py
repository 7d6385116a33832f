"""Operations on short lists in PyTorch, on one thread: microseconds forward and back, and how many times those of 16 lists of 256 numbers."""
import time

import torch
from torch.nn.functional import layer_norm

OPERATIONS = {
    "softmax": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "logsumexp": lambda x: x.logsumexp(-1),
    "sum": lambda x: x.sum(-1),
    "max": lambda x: x.amax(-1),
    "var": lambda x: x.var(-1),
    "norm2": lambda x: x.norm(dim=-1),
    "layer_norm": lambda x: layer_norm(x, x.shape[-1:]),
    "rms_norm": lambda x: x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5),
    "cumsum": lambda x: x.cumsum(-1),
    "cumprod": lambda x: x.cumprod(-1),
    "2 * slice": lambda x: 2 * x[..., :max(1, x.shape[-1] - 1)],
    "2 * transpose": lambda x: 2 * x.permute(*reversed(range(x.dim()))),
}
SHAPES = (1024, 4), (2048, 2), (256, 16), (4096, 1), (64, 64), (16, 64, 4), (8, 8, 8, 8)


def microseconds(run):
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times) * 1e6


def measured(operation, shape):
    x = torch.randn(shape, requires_grad=True)
    y = operation(x)
    g = torch.randn_like(y)
    return (microseconds(lambda: operation(x)),
            microseconds(lambda: torch.autograd.grad(y, x, g, retain_graph=True)))


torch.set_num_threads(1)
for name, operation in OPERATIONS.items():
    long = measured(operation, (16, 256))
    for shape in SHAPES:
        times = measured(operation, shape)
        ratios = " ".join(f"{t:8.1f} us {t / l:6.2f}" for t, l in zip(times, long))
        print(f"{name:14}{str(list(shape)):16}{ratios}")
