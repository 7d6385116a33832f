// write_models FOLDER: models as ONNX files, and what they give for some inputs, for ONNX Runtime to give as well.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <plans/cells.hpp>
#include <unspool/nn/onnx/write.hpp>

using namespace unspool;
using nlohmann::json;

namespace {

constexpr Index steps = 7, batch = 2;

std::vector<double> numbers(core::Random& random, std::size_t n) {
    std::vector<double> out(n);
    for (double& x : out) x = static_cast<double>(static_cast<float>(random.normal()));
    return out;
}
json array(Shape const& shape, std::vector<double> const& x, char const* type = "float32") {
    return {{"type", type}, {"shape", std::vector<Index>(shape.begin(), shape.end())}, {"data", x}};
}
json array(Var y) {
    return core::dispatch(y.dtype(), [&](auto t) {
        auto const x = y.value<decltype(t)>();
        return array(y.shape(), {x.begin(), x.end()});
    });
}
xt::xarray<double> of(json const& a) {
    auto out = xt::xarray<double>::from_shape(a["shape"].get<std::vector<std::size_t>>());
    std::copy(a["data"].begin(), a["data"].end(), out.begin());
    return out;
}
Shape sequence_of(Shape s) {
    s.insert(0, batch), s.insert(0, steps);
    return s;
}

/// What comes in for a cell: sequences, and the states that it starts from.
json inputs_of(plans::NamedCell const& c, core::PlannableCell const& p) {
    core::Random random(3);
    json in;
    for (std::size_t k = 0; k < p.inputs.size(); ++k) {
        Shape const shape = sequence_of(c.inputs[k]);
        in[p.inputs[k]]   = array(shape, numbers(random, static_cast<std::size_t>(core::count(shape))));
    }
    for (std::size_t k = 0; k < p.names.size(); ++k) {
        auto const& zeros = p.zeros[k];
        Shape s           = Shape::of(zeros.shape());
        s.insert(0, 1);
        in[p.names[k] + "_0"] = array(s, {zeros.begin(), zeros.end()});
    }
    return in;
}
/// And what comes out, step by step.
json outputs_of(core::PlannableCell const& p, json const& in, core::Dtype dtype) {
    Tape tape(dtype);
    std::vector<Var> xs, state, ys;
    for (auto const& name : p.inputs) xs.push_back(tape.input(of(in[name])));
    for (auto const& zeros : p.zeros) state.push_back(tape.input(zeros));
    for (Index t = 0; t < steps; ++t) {
        std::vector<Var> x;
        for (Var const& all : xs) x.push_back(all[t]);
        auto const [next, y] = p.step(x, state);
        state                = next;
        ys.push_back(y);
    }
    json out;
    out["y"] = array(stack(ys));
    for (std::size_t k = 0; k < state.size(); ++k) out[p.names[k] + "_n"] = array(unsqueeze(state[k], 0));
    return out;
}
/// A millionth, or what the cell makes of the rounding of its own steps.
double tolerance(json const& out, json const& in_double) {
    double worst = 0, size = 1;
    for (auto const& [name, a] : out.items())
        for (std::size_t i = 0; i < a["data"].size(); ++i) {
            double const x = a["data"][i], y = in_double[name]["data"][i];
            size = std::max(size, std::abs(y)), worst = std::max(worst, std::abs(x - y));
        }
    return std::max(1e-6, 8 * worst / size);
}

class Writer {
public:
    explicit Writer(std::string folder) : folder_(std::move(folder)) {}
    ~Writer() {
        std::ofstream(folder_ + "/cases.json") << cases_;
        std::cout << cases_.size() << " files, " << refused_ << " refused\n";
    }

    /// A cell, step by step.
    void cell(plans::NamedCell const& c) {
        nn::LayerDescription const layer{
            .cells = {{"", false, [&](Index n) { return c.plannable(n); }, &typeid(void), nullptr}}};
        std::string const file = folder_ + "/" + c.name + ".onnx";
        try {
            nn::onnx::write(file, {.layers = {{"", {}, layer}}}, {.inputs = c.inputs, .states = true}, Where::here());
        } catch (TypeError const& e) {
            ++refused_;
            std::cout << c.name << ": " << e.what() << '\n';
            return;
        }
        core::PlannableCell const p = c.plannable(batch);
        json const in = inputs_of(c, p), out = outputs_of(p, in, float32);
        cases_.push_back(
            {{"file", file}, {"tolerance", tolerance(out, outputs_of(p, in, float64))}, {"in", in}, {"out", out}});
    }

    /// A model of sequences.
    template <class M> void model(char const* name, M const& m, Index features, nn::OnnxOptions const& o = {}) {
        core::Random random(4);
        std::string const file = std::string(folder_) + "/" + name + ".onnx";
        write_onnx(file, m, o);
        Tape tape;
        json in;
        in["x"] = array({steps, batch, features}, numbers(random, static_cast<std::size_t>(steps * batch * features)));
        Var const x = tape.input(of(in["x"]));
        Var y;
        if constexpr (requires { m(x).outputs; }) y = m(x).outputs;
        else y = Var(m(x));
        double const tolerance = 1e-6 * std::max(1., static_cast<double>(features) / 100);  // of so long sums
        cases_.push_back({{"file", file}, {"tolerance", tolerance}, {"in", in}, {"out", {{"y", array(y)}}}});
    }
    /// And of symbols.
    void symbols(char const* name, nn::Sequential const& m, Index count) {
        core::Random random(5);
        std::string const file = std::string(folder_) + "/" + name + ".onnx";
        write_onnx(file, m);
        auto ids = xt::xtensor<Index, 2>::from_shape({std::size_t{steps}, std::size_t{batch}});
        std::vector<double> data;
        for (auto& i : ids)
            i = static_cast<Index>(random.below(static_cast<std::size_t>(count))),
            data.push_back(static_cast<double>(i));
        Tape tape;
        Var const y = m.run({.tape = tape, .symbols = indices(tape, ids)}).x;
        cases_.push_back({{"file", file},
                          {"tolerance", 1e-6},
                          {"in", {{"x", array({steps, batch}, data, "int64")}}},
                          {"out", {{"y", array(y)}}}});
    }

private:
    std::string folder_;
    json cases_;
    int refused_ = 0;
};

void write_layers(Writer& w, Params const& p) {
    using nn::Reset;
    w.model("rnn_layer", nn::RNN(p / "m1", 3, 4), 3);
    w.model("gru_layer", nn::GRU(p / "m2", 3, 4, {.layers = 2, .bidirectional = true}), 3);
    w.model("lstm_layer", nn::LSTM(p / "m3", 3, 4, {.layers = 2, .bidirectional = true}), 3);
    w.model("gru_before", nn::GRU(p / "m4", 3, 4, {}, {.reset = Reset::before}), 3);
    w.model("lstm_no_bias", nn::LSTM(p / "m5", 3, 4, {.layers = 2}, {.bias = nn::no_bias}), 3);
    w.model("lstm_peepholes", nn::LSTM(p / "m6", 3, 4, {.bidirectional = true}, {.peepholes = true}), 3);
    w.model("lstm_projection", nn::LSTM(p / "m7", 3, 4, {.bidirectional = true}, {.projection = 2}), 3);
    w.model("mgu_layers", nn::Stacked<nn::MGUCell>(p / "m8", 3, 4, {.layers = 2, .bidirectional = true}), 3);
    w.model("backward", nn::Layer<nn::LSTMCell>(nn::LSTMCell(p / "m9", 3, 4), true), 3);
    w.model("both", nn::Bidirectional<nn::GRUCell>(p / "m10", 3, 4), 3);
    w.model("linear", nn::Linear(p / "m11", 3, 4), 3);
}

/// For OpenCV as well, whose Python takes less than 513 features for the channels of a picture.
void write_closed(Writer& w, Params const& p) {
    constexpr Index features = 520;
    nn::OnnxOptions const closed{.sizes = {{.time = steps, .batch = batch}}};
    w.model("closed_lstm", nn::LSTM(p / "m1", features, 6), features, closed);
    w.model("closed_lstm_both", nn::LSTM(p / "m2", features, 6, {.layers = 2, .bidirectional = true}), features,
            closed);
    w.model("closed_lstm_backward", nn::Layer<nn::LSTMCell>(nn::LSTMCell(p / "m3", features, 6), true), features,
            closed);
    w.model("closed_gru", nn::GRU(p / "m5", features, 6), features, closed);
    w.model("closed_gru_both", nn::GRU(p / "m6", features, 6, {.layers = 2, .bidirectional = true}), features, closed);
    w.model("closed_forecaster", nn::Sequential(p / "s", nn::Input{features}, keras::LSTM(6), keras::Dense(1)),
            features, closed);
}

void write_sequential(Writer& w, Params const& p) {
    w.model("forecaster", nn::Sequential(p / "s1", nn::Input{2}, keras::LSTM(6), keras::Dense(1)), 2);
    w.model("tagger",
            nn::Sequential(p / "s2", nn::Input{2}, keras::Bidirectional(keras::GRU(5, {.return_sequences = true})),
                           nn::LayerNorm(p / "s2n", 10), keras::Dense(3), [](Var x) -> Var { return log_softmax(x); }),
            2);
    w.model("mgu_last",
            nn::Sequential(p / "s3", nn::Input{2}, keras::Bidirectional(keras::Recurrent<nn::MGUCell>(5)),
                           keras::Dense(3, nn::gelu)),
            2);
    w.model("last_step",
            nn::Sequential(
                p / "s4", nn::Input{2}, keras::GRU(5, {.return_sequences = true, .layers = 2}),
                [](Var x) -> Var { return x[-1]; }, keras::Dense(2)),
            2);
    w.model("mean_of_steps",
            nn::Sequential(p / "s5", nn::Input{2}, keras::SimpleRNN(5, {.return_sequences = true}),
                           [](Var x) -> Var {
                               return reshape(mean(x * x, 0), {-1, 5, 1}) * nn::identity(x[0][0][0]);
                           }),
            2);
    w.symbols("reader",
              nn::Sequential(p / "s6", keras::Embedding(20, 4), keras::SimpleRNN(6), keras::Dense(1, nn::sigmoid)), 20);
    w.symbols("speaker",
              nn::Sequential(nn::Embedding(p / "e", 20, 4), nn::LSTM(p / "l", 4, 6, {.layers = 2}), nn::Dropout{0.3},
                             nn::Linear(p / "o", 6, 20)),
              20);
}

}  // namespace

int main(int, char** arguments) {
    Params const p(7);
    Writer w(arguments[1]);
    for (auto const& c : plans::shipped_cells(p)) w.cell(c);
    for (auto const& c : plans::example_cells(p)) w.cell(c);
    for (std::uint64_t seed = 0; seed < 50; ++seed) w.cell(plans::random_cell(seed));
    write_layers(w, p / "layers"), write_closed(w, p / "closed"), write_sequential(w, p / "models");
}
