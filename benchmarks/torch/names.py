"""What examples/09_names.cpp does, in PyTorch: the same names held out, the same model, optimiser and number of updates.

    09_names --data FOLDER --held-out held_out.txt && python3 names.py FOLDER held_out.txt
"""
import argparse
import pathlib
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

WIDTH, HIDDEN, BATCH, RATE = 32, 128, 64, 2e-3


def read(folder):
    """Letters by number in the order of their code points, and the number of the language; languages in the order of their names."""
    files = sorted(pathlib.Path(folder).glob("*.txt"), key=lambda p: p.stem)
    names = [(line, k) for k, p in enumerate(files) for line in p.read_text("utf-8").split("\n") if line]
    letters = {c: n for n, c in enumerate(sorted({c for name, _ in names for c in name}))}
    return [(torch.tensor([letters[c] for c in name]), k) for name, k in names], len(letters), len(files)


class Model(nn.Module):
    def __init__(self, symbols, languages):
        super().__init__()
        self.letters = nn.Embedding(symbols, WIDTH)
        self.lstm = nn.LSTM(WIDTH, HIDDEN)
        self.out = nn.Linear(HIDDEN, languages)

    def forward(self, names):
        lengths = torch.tensor([len(n) for n in names])
        packed = pack_padded_sequence(self.letters(pad_sequence(names)), lengths, enforce_sorted=False)
        return self.out(self.lstm(packed)[1][0][0])


def batches(examples, order, size):
    for begin in range(0, len(order), size):
        some = [examples[i] for i in order[begin:begin + size]]
        yield [n for n, _ in some], torch.tensor([k for _, k in some])


def accuracy(model, examples):
    with torch.no_grad():
        right = sum((model(n).argmax(1) == k).sum().item() for n, k in batches(examples, range(len(examples)), 256))
    return right / len(examples)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("held_out")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)

    examples, symbols, languages = read(o.folder)
    numbers = {int(line) for line in open(o.held_out)}
    train = [e for i, e in enumerate(examples) if i not in numbers]
    held_out = sorted((examples[i] for i in numbers), key=lambda e: len(e[0]))
    model = Model(symbols, languages)
    adam = torch.optim.Adam(model.parameters(), RATE)
    begin = time.time()
    for _ in range(o.epochs):
        for names, targets in batches(train, torch.randperm(len(train)).tolist(), BATCH):
            adam.zero_grad()
            nn.functional.cross_entropy(model(names), targets).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            adam.step()
        told = accuracy(model, held_out)
    print(f"PyTorch {torch.__version__}: after {o.epochs} epochs in {time.time() - begin:.1f} s, "
          f"{100 * told:.2f} % of the held-out names are told right")


main()
