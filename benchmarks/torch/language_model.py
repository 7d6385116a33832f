"""What examples/24_language_model.cpp does, in PyTorch: the same text, the same model, optimiser and number of updates.

    24_language_model --write FOLDER && python3 language_model.py FOLDER
"""
import argparse
import collections
import math
import pathlib
import re
import time

import torch
from torch import nn

WIDTH, HIDDEN, STREAMS, STEPS, RATE, MOST = 128, 128, 20, 30, 4e-3, 10_000


class Model(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.embed = nn.Embedding(words, WIDTH)
        self.lstm = nn.LSTM(WIDTH, HIDDEN)
        self.linear = nn.Linear(HIDDEN, words)

    def forward(self, words, state):
        hs, state = self.lstm(self.embed(words), state)
        return self.linear(hs), tuple(s.detach() for s in state)


def windows(words, streams, steps):
    """Words and those that follow, [steps,streams]."""
    length = (len(words) - 1) // streams
    xs, ys = (words[k:k + length * streams].view(streams, length).t() for k in range(2))
    return zip(xs.split(steps), ys.split(steps))


def loss_of(model, xs, ys, state):
    logits, state = model(xs, state)
    return nn.functional.cross_entropy(logits.flatten(0, 1), ys.flatten(), reduction="sum"), state


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed), torch.set_num_threads(1)

    learned, held_out = (re.findall(r"[^ \t\r\v\f\n]+|\n", (pathlib.Path(o.folder) / name).read_text("utf-8"))
                         for name in ("learned.txt", "held_out.txt"))
    number = {w: n + 1 for n, (w, _) in enumerate(collections.Counter(learned).most_common(MOST))}
    learned, held_out = (torch.tensor([number.get(w, 0) for w in text]) for text in (learned, held_out))
    model = Model(len(number) + 1)
    adam, begin = torch.optim.Adam(model.parameters(), RATE), time.time()
    for _ in range(o.epochs):
        state = None
        for xs, ys in windows(learned, STREAMS, STEPS):
            adam.zero_grad()
            loss, state = loss_of(model, xs, ys, state)
            (loss / STREAMS).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5)
            adam.step()
    seconds, total, state = time.time() - begin, 0, None
    with torch.no_grad():
        for xs, ys in windows(held_out, 1, 100):
            loss, state = loss_of(model, xs, ys, state)
            total += loss.item()
    print(f"perplexity of held-out text: {math.exp(total / (len(held_out) - 1)):.2f}; {seconds:.1f} s")


main()
