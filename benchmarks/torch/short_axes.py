"""Operations on arrays with short axes in PyTorch, on one thread: how many times as long they take as those on long rows do.

unspool_bench_short --list --seed 1 > cases; python3 short_axes.py cases"""
import sys
import time
from collections import defaultdict

import torch


def microseconds(run, times=20, repetitions=15):
    least = float("inf")
    for _ in range(repetitions):
        begin = time.perf_counter()
        for _ in range(times):
            run()
        least = min(least, time.perf_counter() - begin)
    return least / times * 1e6


def measured(case):
    """Of a case such as "[16,64,4] [16,64,1] x*y": its times forward and back."""
    *shapes, expression = case.split(" ", case.count("] "))
    inputs = [torch.randn(eval(shape), requires_grad=True) for shape in shapes]
    f = eval(f"lambda {', '.join('xy'[:len(inputs)])}: {expression}", {"torch": torch})
    y = f(*inputs)
    g = torch.randn_like(y)
    return (microseconds(lambda: f(*inputs)),
            microseconds(lambda: torch.autograd.grad(y, inputs, g, retain_graph=True)))


torch.set_num_threads(1)
results = defaultdict(list)
for line in open(sys.argv[1]):
    if line.startswith("#"):
        print(line[2:], end="")
        continue
    kind, odd, usual = line.rstrip().split("\t")
    for way, a, b in zip(("forward", "backward"), measured(odd), measured(usual)):
        results[f"{kind}, {way}"].append((a / b, a, odd))
for kind, of_kind in sorted(results.items()):
    of_kind.sort(reverse=True)
    above = sum(ratio > 3 for ratio, _, _ in of_kind)
    print(f"{kind}: median {of_kind[len(of_kind) // 2][0]:.2f}, {above} of {len(of_kind)} above 3")
    print("    {:6.2f} {:8.2f} us  {}".format(*of_kind[0]))
