// Layers, scans and operations of all kinds, in both types, with gradients of everything on the way.
#include "scenarios.hpp"
#include <sstream>
#include <unspool/nn/files/entry.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

xt::xarray<double> noise(std::vector<std::size_t> const& shape, std::uint64_t seed = 1) {
    Random random(seed);
    xt::xarray<double> out = xt::zeros<double>(shape);
    for (double& x : out) x = random.uniform(-1, 1);
    return out;
}

/// What a function records, and the gradients of everything on the way, on one tape.
template <class Model> struct Recorded : ::Program {
    Params params{3, float64};
    Model model{params};
    Tape tape{float64};
    std::string out;

    void run() override {
        tape.rewind();
        Var const loss    = model(tape);
        Gradients const g = backward(loss, Keep::all), again = backward(loss);
        out = bits(loss);
        for (Param* p : params.all())
            if (g.reached(*p)) out += bits(g[*p]) + bits(again[*p]);
    }
    std::string result() override { return out; }
};

std::vector<Index> const lengths{4, 2, 3};

struct Layers {
    nn::LSTM lstm;
    nn::RNN rnn;
    nn::Layer<nn::MGUCell> mgu;
    nn::LayerNorm norm;
    explicit Layers(Params p)
        : lstm(p / "lstm", 3, 4, {.layers = 2, .bidirectional = true, .dropout = 0.2})
        , rnn(p / "rnn", 8, 4)
        , mgu(p / "mgu", 4, 4)
        , norm(p / "norm", 4) {}

    Var operator()(Tape& tape) const {
        Random random(5);
        Recorder recorder;
        StateNoise noisy{.dropout = 0.1, .zoneout = 0.1, .random = &random};
        Var xs       = tape.input(noise({4, 3, 3}), "xs");
        auto const a = lstm(xs, {.lengths = lengths, .random = &random, .record = &recorder, .noise = noisy});
        auto const b = rnn(a.outputs, {.lengths = lengths});
        Var y        = norm(mgu(b.outputs).outputs);
        return mean(square(y)) + mean(recorder.sequence("l1.c"));
    }
};

struct Decoder {
    nn::GRUCell gru;
    nn::AdditiveAttention additive;
    nn::DotAttention dot{true};
    explicit Decoder(Params p) : gru(p / "gru", 3, 3), additive(p / "attention", 3, 3, 4) {}

    Var operator()(Tape& tape) const {
        Var const xs     = tape.input(noise({4, 3, 3}), "xs");
        auto const coded = scan(gru, xs, gru.zeros(tape, 3), {.lengths = lengths, .reverse = true, .detach_every = 3});
        Var const states = stack(coded.outputs);
        auto const a     = additive.remember(states, lengths);
        auto const b     = dot.remember(states, lengths);
        Var h            = coded.state;
        for (int t = 0; t < 2; ++t) h = gru(additive(h, a).context + dot(h, b).context, h);
        return mean(tanh(h));
    }
};

struct Losses {
    Param& w;
    explicit Losses(Params p) : w(p.uniform("w", {5, 6}, -1, 1)) {}

    Var operator()(Tape& tape) const {
        std::vector<int> const classes{0, 3, 2, -100, 5};
        Var const x       = tape.lift(w);
        Var const logits  = reshape(concat({x, x}, 0), {5, 2, 6});
        Var const aligned = ctc(log_softmax(logits), {{1, 2}, {3}});
        Var const chosen  = cross_entropy(x, classes, ClassLoss{.weights = {1, 2, 1, 1, 1, 3}, .smoothing = 0.1});
        Var const other   = nll(log_softmax(x), classes) + bce(sigmoid(x), noise({5, 6}) > 0);
        return aligned + chosen + other + mean(huber(x, noise({5, 6}), 0.5));
    }
};

/// Views, reductions, products, and a custom loop.
struct Arrays {
    Param &a, &b;
    explicit Arrays(Params p) : a(p.uniform("a", {4, 6}, -1, 1)), b(p.uniform("b", {6, 4}, -1, 1)) {}

    Var operator()(Tape& tape) const {
        Scope const scope(tape, "arrays");
        Var const x = tape.lift(a), y = tape.lift(b);
        Var const product = matmul(x, y);
        Var const view    = transpose(flip(slice(x, 1, 0, 4), 0));
        Var const sums    = sum(product, 0) + max(product, 1) + prod(view, 1);
        Var const moved   = pad(stack({sums, softmax(sums)}, 1), 0, 1, 1);
        Var named         = cumsum(repeat(moved, 2, 0), 0).named("named");
        Var const many    = where(named > 0, named, 0.1 * named);
        Var out           = norm2(many) + mean(outer(sums, sums)) + mean(gather(x, std::vector<int>{0, 5, 1, 2}, 1));
        for (Var part : split(y, 2, 0)) out = out + mean(clip_gradient(part, 1));
        {
            Pause const pause(tape);
            Var const aside = matmul(y, x);
            out             = out + mean(aside).item();
        }
        auto const mark                 = tape.mark();
        [[maybe_unused]] Var const lost = exp(product);
        tape.rewind(mark);
        return out + stddev(product);
    }
};

struct Signals {
    Param &kernel, &decay;
    nn::BilinearAttention attention;
    explicit Signals(Params p)
        : kernel(p.uniform("kernel", {4, 1, 3}, -1, 1))
        , decay(p.uniform("decay", {3, 1}, -1, 1))
        , attention(p / "attention", 5, 5) {}

    Var operator()(Tape& tape) const {
        Var const x = tape.input(noise({3, 2, 6}), "x");
        Var const y = conv1d(x, kernel, {.stride = 2, .padding = 2, .groups = 2});  // [3,4,4]
        Var const h = linear_recurrence(tanh(decay), transpose(y, {1, 0, 2}));
        Var const r = roll(logcumsumexp(h, 0), 1, 2), z = einsum("tbi,tbj->ijb", r, x[0][0][0] * h);
        Var const c  = conv2d(unsqueeze(z, 0), tape.lift(kernel)[0] * tape.constant(noise({2, 4, 2, 3})));
        auto const a = attention(noise({3, 5}) * y[0][0][0], attention.remember(tape.constant(noise({4, 3, 5}))));
        return mean(c) + gaussian_kl(sum(z, 0), sum(z, 1), Over::sum) + mean(square(a.context));
    }
};

struct Decompositions {
    Param &w, &v;

    xt::xarray<double> diagonal = xt::eye<double>(4) * 5.0;
    explicit Decompositions(Params p) : w(p.uniform("w", {4, 4}, -1, 1)), v(p.uniform("v", {4}, -1, 1)) {}

    Var operator()(Tape& tape) const {
        Var const x = tape.lift(w) + diagonal, b = tape.lift(v);
        Var const y = solve(x, outer(b, b)) + inverse(x) + cholesky(x);
        return sum(tanh(y)) + sum(solve(x, b)) + logdet(x);
    }
};

struct Ported {
    nn::onnx::LSTM lstm;
    nn::Sequential net;
    explicit Ported(Params p)
        : lstm(p / "onnx", {.W = noise({2, 12, 2}), .R = noise({2, 12, 3}), .B = noise({2, 24}), .P = noise({2, 9})},
               {.direction = "bidirectional", .clip = 2.0})
        , net{nn::Linear(p / "in", 6, 4), [](Var x) -> Var { return relu(x); }, nn::GRU(p / "gru", 4, 3)} {}

    Var operator()(Tape& tape) const {
        auto const [Y, Yh, Yc] = lstm(tape.input(noise({4, 3, 2}), "X"), {.sequence_lens = lengths});
        Var const rows         = reshape(transpose(Y, {0, 2, 1, 3}), {4, 3, 6});
        return mean(net(rows)) + mean(Yh) + mean(Yc);
    }
};

/// Cells and initialisers are made each time.
struct Making : ::Program {
    std::string out;
    void run() override {
        Params params(7);
        nn::LSTMCell peephole(params / "lstm", 3, 4, {.peepholes = true});
        nn::GRUCell gru(params / "gru", 3, 4);
        nn::init::orthogonal(params.zeros("Q", {6, 4}), params.random());
        nn::init::sparse(params.zeros("S", {6, 4}), params.random(), 0.5);
        nn::init::truncated_normal(params.zeros("N", {6, 4}), params.random(), 0, 1, -1, 1);
        nn::init::forget_bias(params / "lstm");
        out = bits(params);
    }
    std::string result() override { return out; }
};

/// A parameter that could not be made has drawn nothing.
struct MakingOne : ::Program {
    Params params{7};
    void run() override {
        for (auto const* name : {"a", "b", "c", "d", "e"})
            if (!params.contains(name)) params.normal(name, {3}, 0, 1);
    }
    std::string result() override { return bits(params); }
};

/// A long sequence in windows, the state carried from one to the next.
struct Windows : ::Program {
    Params params{1};
    nn::GRUCell gru{params / "gru", 2, 3};
    Tape tape;
    std::string out;

    void run() override {
        Stateful<Var> state;
        out.clear();
        truncated_bptt(
            tape, gru, 9, {2, 4}, state,
            [&](Index begin, Index end) {
                return tape.constant(noise({static_cast<std::size_t>(end - begin), 1, 2}));
            },
            [](std::span<Var const> outputs, Index) { return mean(stack(outputs)); },
            [&](Gradients const& g, double loss) { out += bits(loss) + bits(g[*params.all()[0]]); });
    }
    std::string result() override { return out; }
};

/// Views of as many axes as there can be are read by index: an iterator of xtensor allocates above four axes, where nothing may throw.
struct SixAxes : ::Program {
    Params params{1};
    Param& six = params.uniform("six", {2, 1, 3, 1, 2, 2}, -1, 1);
    Tape tape;
    std::string out;

    void run() override {
        tape.rewind();
        Var const x = tape.lift(six);
        std::ostringstream said;
        said.exceptions(std::ios::badbit);  // else it swallows what is thrown
        said << x << flip(transpose(x), 3) << x[1] << slice(x, 4, 1, 2) << six;
        out = said.str() + bits(sum(x * x));
    }
    std::string result() override { return out; }
};

/// Errors, whose words take memory.
struct Errors : ::Program {
    Tape tape;
    std::string out;

    template <class F> void expect(F f) {
        try {
            f();
        } catch (MemoryError const&) { throw; } catch (Error const& e) {
            out += e.what();
        }
    }
    void run() override {
        out.clear();
        tape.rewind();
        Var const x = tape.input(noise({2, 3}), "x"), y = tape.input(noise({4, 5}), "y");
        expect([&] { [[maybe_unused]] Var z = x + y; });
        expect([&] { [[maybe_unused]] Var z = matmul(x, y); });
        expect([&] { [[maybe_unused]] Var z = x[7]; });
        expect([&] { inverse(x - x); });
        expect([&] { inverse(outer(x[0], x[0]) * 0); });
        tape.check_values(10);
        expect([&] { [[maybe_unused]] Var z = exp(100 * x); });
        expect([&] { backward(x); });
        out += std::to_string(tape.size());
    }
    std::string result() override { return out; }
};

}  // namespace

std::vector<Scenario> scenarios_of_networks() {
    return {scenario<Recorded<Layers>>("layers"),
            scenario<Recorded<Decoder>>("attention"),
            scenario<Recorded<Signals>>("signals"),
            scenario<Recorded<Losses>>("losses"),
            scenario<Recorded<Arrays>>("arrays"),
            scenario<Recorded<Decompositions>>("decompositions"),
            scenario<Recorded<Ported>>("onnx"),
            scenario<Making>("making cells"),
            scenario<MakingOne>("making parameters"),
            scenario<Windows>("windows"),
            scenario<SixAxes>("six axes"),
            scenario<Errors>("errors")};
}
