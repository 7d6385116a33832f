"""What examples/25_translation.cpp does, in PyTorch: the same sentences, the same model, optimiser and number of updates.

    25_translation --write FOLDER && python3 translation.py FOLDER
"""
import argparse
import collections
import math
import pathlib
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

HIDDEN, BATCH, RATE, IGNORED, END, UNKNOWN, STEPS = 64, 32, 3e-3, -100, 0, 1, 20


def numbers_of(sentences):
    return {w: n + 2 for n, w in enumerate(sorted({w for s in sentences for w in s.split()}))}


def encoded(sentence, numbers):
    return torch.tensor([numbers.get(w, UNKNOWN) for w in sentence.split()] + [END])


class Translator(nn.Module):
    def __init__(self, words_read, words_said):
        super().__init__()
        self.read_words, self.said_words = nn.Embedding(words_read, HIDDEN), nn.Embedding(words_said, HIDDEN)
        self.encoder, self.decoder = nn.GRU(HIDDEN, HIDDEN), nn.GRU(2 * HIDDEN, HIDDEN)
        self.query, self.key = nn.Linear(HIDDEN, HIDDEN, bias=False), nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.score, self.out = nn.Linear(HIDDEN, 1, bias=False), nn.Linear(HIDDEN, words_said)
        self.dropout = nn.Dropout(0.1)

    def read(self, sentences):
        lengths = torch.tensor([len(s) for s in sentences])
        xs = self.dropout(self.read_words(pad_sequence(sentences)))
        hs, h = self.encoder(pack_padded_sequence(xs, lengths, enforce_sorted=False))
        hs = pad_packed_sequence(hs)[0]
        return hs, self.key(hs), torch.arange(len(hs)).unsqueeze(1) >= lengths, h

    def step(self, x, h, memory):
        hs, keys, missing = memory
        scores = self.score(torch.tanh(self.query(h) + keys)).squeeze(-1).masked_fill(missing, -math.inf)
        context = (scores.softmax(0).unsqueeze(-1) * hs).sum(0, keepdim=True)
        return self.decoder(torch.cat((x, context), -1), h)[1]

    def taught(self, sentences, targets):
        *memory, h = self.read(sentences)
        before = torch.cat((torch.full((1, targets.shape[1]), END), targets[:-1].clamp(min=END)))
        outputs = []
        for x in self.dropout(self.said_words(before)).split(1):
            h = self.step(x, h, memory)
            outputs.append(h)
        return self.out(torch.cat(outputs))

    def said(self, sentences):
        *memory, h = self.read(sentences)
        words, all_words = torch.full((1, len(sentences)), END), []
        for _ in range(STEPS):
            h = self.step(self.said_words(words), h, memory)
            words = self.out(h).argmax(-1)
            all_words.append(words)
        return [s[:s.index(END)] if END in s else s for s in torch.cat(all_words).t().tolist()]


def bleu(candidates, references):
    log = min(0, 1 - sum(map(len, references)) / sum(map(len, candidates)))
    for n in range(1, 5):
        right = total = 0
        for c, r in zip(candidates, references):
            grams = [collections.Counter(tuple(s[i:i + n]) for i in range(len(s) - n + 1)) for s in (c, r)]
            right, total = right + sum((grams[0] & grams[1]).values()), total + sum(grams[0].values())
        if right == 0:
            return 0
        log += math.log(right / total) / 4
    return math.exp(log)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed), torch.set_num_threads(1)

    learned, held_out = ([line.split("\t") for line in (pathlib.Path(o.folder) / name).read_text("utf-8").splitlines()]
                         for name in ("learned.tsv", "held_out.tsv"))
    numbers = [numbers_of(p[k] for p in learned) for k in range(2)]
    pairs, judged = ([[encoded(p[k], numbers[k]) for k in range(2)] for p in some] for some in (learned, held_out))
    model = Translator(len(numbers[0]) + 2, len(numbers[1]) + 2)
    adam, begin = torch.optim.Adam(model.parameters(), RATE), time.time()
    for _ in range(o.epochs):
        for some in torch.randperm(len(pairs)).split(BATCH):
            targets = pad_sequence([pairs[i][1] for i in some], padding_value=IGNORED)
            adam.zero_grad()
            nn.functional.cross_entropy(model.taught([pairs[i][0] for i in some], targets).flatten(0, 1),
                                        targets.flatten()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            adam.step()
    seconds = time.time() - begin
    model.eval()
    with torch.no_grad():
        said = model.said([p[0] for p in judged])
    print(f"BLEU of held-out sentences: {bleu(said, [p[1][:-1].tolist() for p in judged]):.3f}; {seconds:.1f} s")


main()
