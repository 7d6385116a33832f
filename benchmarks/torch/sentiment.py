"""What examples/16_sentiment.cpp does, in PyTorch: the same sentences held out, the same model, optimiser and way to stop.

    16_sentiment --data FOLDER --held-out held_out.txt && python3 sentiment.py FOLDER held_out.txt
"""
import argparse
import collections
import copy
import pathlib
import re

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

WORDS, LONGEST, WIDTH, UNITS, BATCH, RATE, PATIENCE = 5000, 50, 16, 32, 32, 1e-3, 5


def read(folder, held_out):
    """Words by number, the most frequent of those that are learned from; 0 is padding and 1 any other."""
    lines = [line for p in sorted(pathlib.Path(folder).iterdir()) for line in p.read_text("latin-1").split("\n") if line]
    texts = [(re.sub("[^a-z']", " ", line.rsplit("\t", 1)[0].lower()).split(), int(line[-1])) for line in lines]
    count = collections.Counter(w for i, (words, _) in enumerate(texts) if i not in held_out for w in words)
    number = {w: n + 2 for n, (w, _) in enumerate(count.most_common(WORDS - 2))}
    return [(torch.tensor([number.get(w, 1) for w in words[-LONGEST:]] or [1]), y) for words, y in texts]


class Model(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        nn.init.uniform_(self.embed.weight, -0.05, 0.05)  # as in Keras
        self.cell = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](WIDTH, UNITS)
        self.out = nn.Linear(UNITS, 1)

    def forward(self, sentences):
        lengths = torch.tensor([len(s) for s in sentences])
        last = self.cell(pack_padded_sequence(self.embed(pad_sequence(sentences)), lengths, enforce_sorted=False))[1]
        return self.out((last[0] if isinstance(last, tuple) else last)[-1]).squeeze(-1)


def judged(model, examples):
    with torch.no_grad():
        logits, targets = model([s for s, _ in examples]), torch.tensor([float(y) for _, y in examples])
    right = ((logits > 0) == (targets > 0.5)).float().mean().item()
    return nn.functional.binary_cross_entropy_with_logits(logits, targets).item(), right


def learn(model, train, validation, epochs):
    adam = torch.optim.Adam(model.parameters(), RATE)
    best, since, kept = float("inf"), 0, None
    for _ in range(epochs):
        for some in torch.randperm(len(train)).split(BATCH):
            batch = [train[i] for i in some.tolist()]
            targets = torch.tensor([float(y) for _, y in batch])
            adam.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model([s for s, _ in batch]), targets).backward()
            adam.step()
        loss, since = judged(model, validation)[0], since + 1
        if loss < best:
            best, since, kept = loss, 0, copy.deepcopy(model.state_dict())
        if since >= PATIENCE:
            break
    model.load_state_dict(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("held_out")
    parser.add_argument("--cell", default="rnn", choices=["rnn", "lstm", "gru"])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed), torch.set_num_threads(1)

    numbers = {int(line) for line in open(o.held_out)}
    examples = read(o.folder, numbers)
    order = [i for i in torch.randperm(len(examples)).tolist() if i not in numbers]
    fifth = len(order) // 5
    model = Model(o.cell)
    learn(model, [examples[i] for i in order[fifth:]], [examples[i] for i in order[:fifth]], o.epochs)
    right = judged(model, [examples[i] for i in sorted(numbers)])[1]
    print(f"{o.cell}: of {len(numbers)} test sentences, {100 * right:.1f} % are told right")


main()
