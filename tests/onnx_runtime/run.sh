#!/usr/bin/env bash
# run.sh WRITE_MODELS NODE_MODULES: the models that this program writes, by onnx.checker and by ONNX Runtime, of those that are installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" "$folder"
if /usr/bin/python3 -c 'import onnx' 2>/dev/null; then
    /usr/bin/python3 - "$folder" <<'END'
import glob, onnx, sys
files = sorted(glob.glob(sys.argv[1] + "/*.onnx"))
for f in files:
    onnx.checker.check_model(onnx.load(f), full_check=True)
    assert onnx.load(f).SerializeToString() == open(f, "rb").read(), f + " is written otherwise by protobuf"
print(len(files), "files by onnx.checker, which writes the same bytes")
END
else
    echo "left out: onnx.checker, of Debian's package python3-onnx" >&2
fi
if /usr/bin/python3 -c 'import cv2, numpy' 2>/dev/null; then
    /usr/bin/python3 - "$folder/cases.json" <<'END'
import cv2, json, numpy, os, sys
worst = count = 0
for case in json.load(open(sys.argv[1])):
    if not os.path.basename(case["file"]).startswith("closed_"): continue
    x, y = (numpy.array(a["data"], a["type"]).reshape(a["shape"]) for a in (case["in"]["x"], case["out"]["y"]))
    net = cv2.dnn.readNetFromONNX(case["file"])
    net.setInput(x)
    here = abs(net.forward().reshape(y.shape) - y).max()
    assert here <= 5e-6, "%s differs by %g" % (case["file"], here)  # sums of 520 products, in single precision
    worst, count = max(worst, here), count + 1
assert count > 0
print("%d files by OpenCV %s, which differs by %.1e at most" % (count, cv2.__version__, worst))
END
else
    echo "left out: OpenCV, of Debian's package python3-opencv" >&2
fi
export NODE_PATH=$2
if command -v node >/dev/null && node -e 'require("onnxruntime-node")' 2>/dev/null; then
    node "$here/compare.js" "$folder/cases.json"
else
    echo "left out: ONNX Runtime. To install it: npm install --ignore-scripts --prefix build/npm onnxruntime-node" >&2
fi
