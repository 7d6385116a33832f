"""What examples/26_speech.cpp does, in PyTorch: the same sounds, the same frames, model, optimiser and number of updates.

    26_speech --write FOLDER && python3 speech.py FOLDER
"""
import argparse
import pathlib
import time
import wave

import numpy
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

SAMPLE_RATE, BANDS, WINDOW, HOP, HIDDEN, BATCH, CLASSES, RATE = 8000, 24, 256, 128, 64, 16, 11, 5e-3


def mel(hertz):
    return 2595 * numpy.log10(1 + hertz / 700)


def log_mel(file):
    with wave.open(str(file)) as sound:
        x = numpy.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
    x = numpy.pad(x, (0, max(0, WINDOW - len(x))))
    frames = numpy.lib.stride_tricks.sliding_window_view(x, WINDOW)[::HOP]
    energy = numpy.abs(numpy.fft.rfft(frames * (0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(WINDOW) / WINDOW)))) ** 2
    width = mel(SAMPLE_RATE / 2) / (BANDS + 1)
    at = mel(numpy.arange(WINDOW // 2 + 1) * SAMPLE_RATE / WINDOW) / width
    triangles = numpy.maximum(0, 1 - numpy.abs(at - numpy.arange(1, BANDS + 1)[:, None]))
    return torch.tensor(numpy.log(1e-6 + energy @ triangles.T))


def read(folder):
    files = sorted(folder.glob("*.wav"))
    return [(log_mel(f), torch.tensor([int(c) + 1 for c in f.stem.split("_")[0]])) for f in files]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(BANDS, HIDDEN, bidirectional=True)
        self.out = nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, frames, lengths):
        ys = self.lstm(pack_padded_sequence(pad_sequence(frames), lengths, enforce_sorted=False))[0]
        return self.out(pad_packed_sequence(ys)[0]).log_softmax(-1)


def understood(classes):
    return [c for c, before in zip(classes, [0] + classes[:-1]) if c not in (0, before)]


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        diagonal, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            diagonal, row[j + 1] = row[j + 1], min(diagonal + (x != y), row[j + 1] + 1, row[j] + 1)
    return row[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed), torch.set_num_threads(1)

    learned, held_out = (read(pathlib.Path(o.folder) / name) for name in ("learned", "held_out"))
    frames = torch.cat([x for x, _ in learned])
    mean, deviation = frames.mean(0), frames.std(0, unbiased=False)
    learned, held_out = ([(((x - mean) / deviation).float(), y) for x, y in some] for some in (learned, held_out))
    model = Model()
    adam, begin = torch.optim.Adam(model.parameters(), RATE), time.time()
    for _ in range(o.epochs):
        for some in torch.randperm(len(learned)).split(BATCH):
            xs, ys = zip(*(learned[i] for i in some))
            lengths = torch.tensor([len(x) for x in xs])
            adam.zero_grad()
            nn.functional.ctc_loss(model(xs, lengths), torch.cat(ys), lengths, torch.tensor([len(y) for y in ys])).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            adam.step()
    seconds, errors = time.time() - begin, 0
    with torch.no_grad():
        for x, y in held_out:
            said = model([x], torch.tensor([len(x)])).argmax(-1)[:, 0].tolist()
            errors += edits(understood(said), y.tolist())
    print(f"errors in held-out digits: {100 * errors / sum(len(y) for _, y in held_out):.1f} %; {seconds:.1f} s")


main()
