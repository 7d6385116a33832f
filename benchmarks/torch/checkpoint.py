"""What `./dev bench budget` does at 1,000 steps, in PyTorch by hand: an LSTM cell whose steps are recomputed in segments
by torch.utils.checkpoint, beside the plain loop of the same run.

    python3 checkpoint.py [steps]
"""
import sys
import time

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

FEATURES = HIDDEN = 32


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(FEATURES, HIDDEN)
        self.out = nn.Linear(HIDDEN, FEATURES)

    def steps(self, xs, h, c):
        loss = torch.zeros(())
        for x, y in zip(xs[:-1], xs[1:]):
            h, c = self.cell(x, (h, c))
            loss = loss + torch.mean((self.out(h) - y) ** 2)
        return h, c, loss

    def forward(self, xs, segment):
        h = c = torch.zeros(1, HIDDEN)
        total = torch.zeros(())
        for begin in range(0, len(xs) - 1, segment):
            part = xs[begin : begin + segment + 1]
            if segment < len(xs) - 1:
                h, c, loss = checkpoint(self.steps, part, h, c, use_reentrant=False)
            else:
                h, c, loss = self.steps(part, h, c)
            total = total + loss
        return total


def train(model, xs, segment):
    model.zero_grad()
    begin = time.process_time()
    model(xs, segment).backward()
    return time.process_time() - begin


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    torch.manual_seed(1), torch.set_num_threads(1)
    model = Forecaster()
    t = torch.arange(steps + 1, dtype=torch.float32)[:, None]
    xs = torch.sin(0.01 * t * torch.arange(1, FEATURES + 1))[:, None, :]
    segments = [steps, 100, 32, 10]
    best = dict.fromkeys(segments, float("inf"))
    for _ in range(7):
        for s in segments:
            best[s] = min(best[s], train(model, xs, s))
    for s in segments:
        kept = min(1, (s + steps / s) / steps)  # of the states, at a time
        print(f"segments of {s:5}: {1e3 * best[s]:7.1f} ms, {best[s] / best[steps]:.2f} of plain, {100 * kept:.0f} % kept")


if __name__ == "__main__":
    main()
