// compare.js CASES.json: runs each file by ONNX Runtime, and compares what comes out with what Unspool gave.
const ort = require('onnxruntime-node');
const fs = require('fs');

const arrays = {float32: Float32Array, float64: Float64Array};
function tensor(a) {
    const data = a.type === 'int64' ? BigInt64Array.from(a.data.map(BigInt)) : arrays[a.type].from(a.data);
    return new ort.Tensor(a.type, data, a.shape);
}
/// The largest difference, against the size of the numbers.
function difference(y, expected) {
    if (y.dims.join() !== expected.shape.join()) return Infinity;
    let worst = 0, size = 1;
    expected.data.forEach((x, i) => {
        size = Math.max(size, Math.abs(x));
        worst = Math.max(worst, Math.abs(Number(y.data[i]) - x));
    });
    return worst / size;
}

async function main() {
    const cases = JSON.parse(fs.readFileSync(process.argv[2]));
    let worst = 0, failed = 0;
    for (const c of cases) {
        let here = 0, message = '';
        try {
            const session = await ort.InferenceSession.create(c.file, {logSeverityLevel: 3});
            const feeds = Object.fromEntries(Object.entries(c.in).map(([name, a]) => [name, tensor(a)]));
            const out = await session.run(feeds);
            for (const name in c.out) here = Math.max(here, difference(out[name], c.out[name]));
        } catch (e) {
            here = Infinity, message = ': ' + e.message;
        }
        if (!(here <= c.tolerance)) {
            ++failed;
            console.log(c.file + ' differs by ' + here + message);
        }
        worst = Math.max(worst, here);
    }
    console.log(cases.length + ' files by ONNX Runtime, which differs by ' + worst.toExponential(1) + ' at most');
    process.exit(failed === 0 && cases.length > 0 ? 0 : 1);
}
main();
