"""Writes tests/golden/files/*.safetensors from PyTorch modules, and reads such files back into them.

    /usr/bin/python3 tests/golden/files.py                    writes all anew, and checks them by reading
    /usr/bin/python3 tests/golden/files.py lstm FILE          loads a file, ours for instance, into the module of that name,
                                                              and compares what it computes with lstm_run.safetensors

Needs torch only: the format is written and read by hand.
"""
import json, os, struct, sys
import torch

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "files")
names = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}


def write(path, tensors):
    header, at, data = {}, 0, b""
    for name, t in tensors.items():
        raw = t.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": names[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        at, data = at + len(raw), data + raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def read(path):
    raw = open(path, "rb").read()
    (n,) = struct.unpack("<Q", raw[:8])
    types = {v: k for k, v in names.items()}
    out = {}
    for name, e in json.loads(raw[8 : 8 + n]).items():
        if name == "__metadata__":
            continue
        begin, end = e["data_offsets"]
        piece = bytearray(raw[8 + n + begin : 8 + n + end])
        out[name] = torch.frombuffer(piece, dtype=types[e["dtype"]]).reshape(e["shape"])
    return out


class Net(torch.nn.Module):
    """Symbols to scores, through one recurrent layer."""

    def __init__(self, layer):
        super().__init__()
        self.embedding = torch.nn.Embedding(7, 4)
        self.rnn = layer(4, 5)
        self.out = torch.nn.Linear(5, 3)

    def forward(self, ids):
        return self.out(self.rnn(self.embedding(ids))[0])


modules = {
    "rnn": lambda: Net(torch.nn.RNN),
    "gru": lambda: Net(torch.nn.GRU),
    "lstm": lambda: Net(torch.nn.LSTM),
    "stacked": lambda: torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2),
}


def made(name):
    torch.manual_seed(1)
    module = modules[name]()
    for p in module.parameters():
        torch.nn.init.uniform_(p, -1, 1)
    return module


def inputs(name):
    torch.manual_seed(2)
    return torch.rand(6, 2, 3) if name == "stacked" else torch.randint(0, 7, (6, 2))


def outputs(name, module):
    y = module(inputs(name))
    return y[0] if name == "stacked" else y


def check(name, path):
    module = modules[name]()
    module.load_state_dict({k: v.to(torch.float32) for k, v in read(path).items()}, strict=True)
    run = read(os.path.join(folder, name + "_run.safetensors"))
    worst = (outputs(name, module) - run["output"]).abs().max().item()
    print(f"{path}: loaded into {name} strictly; outputs differ by {worst:.2g}")
    return worst == 0


def write_all():
    os.makedirs(folder, exist_ok=True)
    for name in modules:
        module = made(name)
        write(os.path.join(folder, name + ".safetensors"), module.state_dict())
        write(os.path.join(folder, name + "_run.safetensors"), {"input": inputs(name), "output": outputs(name, module)})
        assert check(name, os.path.join(folder, name + ".safetensors"))


if len(sys.argv) == 3:
    sys.exit(0 if check(sys.argv[1], sys.argv[2]) else 1)
write_all()
