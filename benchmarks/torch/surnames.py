"""What examples/23_surnames.cpp does, in PyTorch: the networks, the rates and the number of iterations of its tutorials on names, one name at a
time, the same names held out.

    23_surnames --data FOLDER --iterations 100000 --held-out held_out.txt && python3 surnames.py FOLDER held_out.txt
"""
import argparse
import pathlib
import random
import time

import torch
from torch import nn

HIDDEN = 128


class Reader(nn.Module):
    def __init__(self, letters, languages):
        super().__init__()
        self.i2h = nn.Linear(letters + HIDDEN, HIDDEN)
        self.i2o = nn.Linear(letters + HIDDEN, languages)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, letter, hidden):
        combined = torch.cat((letter, hidden), 1)
        return self.softmax(self.i2o(combined)), self.i2h(combined)


class Writer(nn.Module):
    def __init__(self, letters, languages):
        super().__init__()
        self.i2h = nn.Linear(languages + letters + HIDDEN, HIDDEN)
        self.i2o = nn.Linear(languages + letters + HIDDEN, letters)
        self.o2o = nn.Linear(HIDDEN + letters, letters)
        self.dropout = nn.Dropout(0.1)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, language, letter, hidden):
        combined = torch.cat((language, letter, hidden), 1)
        hidden = self.i2h(combined)
        output = self.o2o(torch.cat((hidden, self.i2o(combined)), 1))
        return self.softmax(self.dropout(output)), hidden


def read(folder):
    """Names as letters by number in the order of their code points, and the number of the language; languages in the order of their names."""
    files = sorted(pathlib.Path(folder).glob("*.txt"), key=lambda p: p.stem)
    names = [(line, k) for k, p in enumerate(files) for line in p.read_text("utf-8").split("\n") if line]
    letters = {c: n for n, c in enumerate(sorted({c for name, _ in names for c in name}))}
    return [([letters[c] for c in name], k) for name, k in names], len(letters), len(files)


def one_hot(number, of):
    return nn.functional.one_hot(torch.tensor([number]), of).float()


def output_of(reader, name, letters):
    hidden = torch.zeros(1, HIDDEN)
    for letter in name:
        output, hidden = reader(one_hot(letter, letters), hidden)
    return output


def loss_of(writer, name, language, letters, languages):
    hidden, loss = torch.zeros(1, HIDDEN), 0
    for letter, target in zip(name, name[1:] + [letters - 1]):
        output, hidden = writer(one_hot(language, languages), one_hot(letter, letters), hidden)
        loss = loss + nn.functional.nll_loss(output, torch.tensor([target]))
    return loss


def learn(model, rate, iterations, loss_of_one):
    begin = time.time()
    for _ in range(iterations):
        model.zero_grad()
        loss_of_one().backward()
        with torch.no_grad():
            for p in model.parameters():
                p.add_(p.grad, alpha=-rate)
    return time.time() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("held_out")
    parser.add_argument("--iterations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed), torch.set_num_threads(1), random.seed(o.seed)

    names, letters, languages = read(o.folder)
    numbers = {int(line) for line in open(o.held_out)}
    lists = [[n for i, n in enumerate(names) if n[1] == k and i not in numbers] for k in range(languages)]
    held_out = [names[i] for i in numbers]

    def any_name():
        return random.choice(random.choice(lists))

    reader = Reader(letters, languages)

    def loss_of_reader():
        name, language = any_name()
        return nn.functional.nll_loss(output_of(reader, name, letters), torch.tensor([language]))

    seconds = learn(reader, 0.005, o.iterations, loss_of_reader)
    with torch.no_grad():
        shares = []
        for k in range(languages):
            told = [output_of(reader, name, letters).argmax().item() == k for name, is_ in held_out if is_ == k]
            shares.append(sum(told) / max(1, len(told)))
    print(f"of held-out names, {100 * sum(shares) / languages:.1f} % are told right, as a mean over the languages; {seconds:.0f} s", flush=True)

    writer = Writer(letters + 1, languages)
    seconds = learn(writer, 0.0005, o.iterations, lambda: loss_of(writer, *any_name(), letters + 1, languages))
    writer.eval()
    with torch.no_grad():
        nats = sum(loss_of(writer, name, k, letters + 1, languages).item() for name, k in held_out)
    print(f"a letter of held-out names takes {nats / sum(len(n) for n, _ in held_out):.3f} nats; {seconds:.0f} s")


main()
