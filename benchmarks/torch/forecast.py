"""What examples/15_forecast.cpp does, in PyTorch: the same windows of the same series, the same model, optimiser and number of updates.

    python3 forecast.py airline-passengers.csv
"""
import argparse
import csv

import torch
from torch import nn

LENGTH, UNITS, BATCH, RATE = 12, 50, 32, 1e-3


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, UNITS)
        self.out = nn.Linear(UNITS, 1)

    def forward(self, xs):
        return self.out(self.lstm(xs.t().unsqueeze(-1))[1][0][-1]).squeeze(-1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    torch.manual_seed(o.seed), torch.set_num_threads(1)

    with open(o.file) as file:
        values = torch.tensor([float(row[-1]) for row in list(csv.reader(file))[1:]], dtype=torch.float64)
    split = len(values) * 2 // 3
    changes = torch.cat((torch.zeros(1, dtype=torch.float64), values[1:] / values[:-1] - 1))
    mean, deviation = changes[1:split].mean(), changes[1:split].std(unbiased=False)
    windows = ((changes - mean) / deviation).float().unfold(0, LENGTH + 1, 1)
    seen, unseen = windows[1:split - LENGTH], windows[split - LENGTH:]

    model = Model()
    adam = torch.optim.Adam(model.parameters(), RATE)
    for _ in range(o.epochs):
        for some in torch.randperm(len(seen)).split(BATCH):
            adam.zero_grad()
            nn.functional.mse_loss(model(seen[some, :-1]), seen[some, -1]).backward()
            adam.step()
    with torch.no_grad():
        forecast = values[split - 1:-1] * (1 + model(unseen[:, :-1]) * deviation + mean)
    print(f"root mean square error: {((forecast - values[split:]) ** 2).mean().sqrt():.2f}")


main()
