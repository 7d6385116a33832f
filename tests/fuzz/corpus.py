"""The seeds of the fuzzer: small safetensors files, most of them valid.  python3 tests/fuzz/corpus.py"""
import json, os, random, struct

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
size = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def write(name, tensors, metadata=None, pad=0):
    header, at = {}, 0
    if metadata is not None:
        header["__metadata__"] = metadata
    for key, dtype, shape in tensors:
        count = size[dtype]
        for n in shape:
            count *= n
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + count]}
        at += count
    text = json.dumps(header, separators=(",", ":")).encode() + b" " * pad
    with open(os.path.join(folder, name), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + random.Random(1).randbytes(at))


os.makedirs(folder, exist_ok=True)
write("empty", [])
write("model", [("w", "F32", [2, 3]), ("l.bias_ih_l0", "F32", [4])])
write("half", [("w", "F16", [2, 3]), ("l.bias_ih_l0", "BF16", [4])], {"format": "pt"}, 5)
write("types", [(t.lower(), t, [1, 2]) for t in size])
write("scalars", [("a", "F64", []), ("b", "F32", [0, 7]), ("ü\n\"", "U8", [3])], {})
write("keras", [("l.kernel", "F32", [3, 8]), ("l.recurrent_kernel", "F32", [2, 8]), ("l.bias", "F32", [8])])
write("keras_gru", [("l.l0_reverse.kernel", "F32", [2, 3]), ("l.l0_reverse.recurrent_kernel", "F32", [1, 3]), ("l.l0_reverse.bias", "F32", [2, 3])])
write("onnx", [("l.W", "F32", [2, 4, 1]), ("l.R", "F32", [2, 4, 1]), ("l.B", "F32", [2, 8])])
checkpoint = [("model.w", "F32", [2, 3]), ("model.l.bias_ih_l0", "F32", [4]), ("v", "F64", [2]), ("k", "I64", [1]), ("s", "U8", [3])]
texts = {"unspool.checkpoint": "1", "x": "-1.5e-7", "n": "4", "u": "18446744073709551615"}
write("checkpoint", sorted(checkpoint, key=lambda t: -size[t[1]]), texts)
