// Recurrent layers, written from operations, against oneDNN's kernels.
#include "recurrent.hpp"

#include <algorithm>
#include <cmath>
#include <unspool.hpp>

#include "onednn_rnn.hpp"

namespace bench {

namespace {

using namespace unspool;

Index narrow(std::size_t n) { return static_cast<Index>(n); }

/// A minimal gated unit (Zhou et al., 2016), written as a user would.
struct Mgu {
    Linear Wf, Uf, Wn, Un;

    Mgu(Params p, Index in, Index hidden)
        : Wf(p / "Wf", in, hidden), Uf(p / "Uf", hidden, hidden), Wn(p / "Wn", in, hidden), Un(p / "Un", hidden, hidden) {}

    Var operator()(Var x, Var h) const {
        Var f = sigmoid(Wf(x) + Uf(h));
        Var n = tanh(Wn(x) + Un(f * h));
        return (1 - f) * h + f * n;
    }
};

xt::xarray<float> random_array(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    xt::xarray<float> out = xt::zeros<float>(shape);
    Random            random(seed);
    std::generate(out.begin(), out.end(), [&] { return static_cast<float>(random.uniform(-1, 1)); });
    return out;
}

/// What a step of training does with one layer: forward from a sequence and a state, backward to all of them and to the
/// parameters, from given gradients of all outputs.
template <class Cell> class Layer {
public:
    explicit Layer(RnnShape const& s)
        : cell_(params_, narrow(s.inputs), narrow(s.units))
        , xs_(random_array({s.steps, s.batch, s.inputs}, 1))
        , h_(random_array({s.batch, s.units}, 2))
        , seed_(random_array({s.steps, s.batch, s.units}, 3)) {}

    void forward_backward() {
        tape_.rewind();
        Var const x  = tape_.input(xs_);
        auto      ys = scan(cell_, x, first());
        backward(stack(ys.outputs), seed_);
    }

private:
    auto first() {
        if constexpr (requires(typename Cell::State state) { state.c; }) return typename Cell::State{tape_.input(h_), tape_.input(h_)};
        else return tape_.input(h_);
    }

    Params            params_{1};
    Cell              cell_;
    Tape              tape_;
    xt::xarray<float> xs_, h_, seed_;
};

template <class Cell> Contender ours(RnnShape const& s) {
    return {"unspool",
            [s]() -> std::function<void()> { return [layer = std::make_shared<Layer<Cell>>(s)] { layer->forward_backward(); }; }};
}

Contender onednn(bench::Cell cell, RnnShape const& s, int threads) {
    return {"oneDNN", [=]() -> std::function<void()> {
                auto peer = std::make_shared<OneDnnRnn>(cell, s, threads);
                for (RnnTensor t :
                     {RnnTensor::input, RnnTensor::initial_hidden, RnnTensor::input_weight, RnnTensor::hidden_weight, RnnTensor::bias}) {
                    Random random(static_cast<std::uint64_t>(t));
                    for (float& v : peer->value(t)) v = static_cast<float>(random.uniform(-0.1, 0.1));
                }
                for (float& v : peer->gradient(RnnTensor::output)) v = 0.5f;
                return [peer] { peer->forward_backward(); };
            }};
}

}  // namespace

std::vector<Contest> recurrent_contests() {
    std::vector<Contest> out;
    for (RnnShape const& s : rnn_shapes) {
        std::string const shape(s.name);
        out.push_back({"LSTM forward+backward", shape, 1, {ours<Lstm>(s), onednn(bench::Cell::lstm, s, 1)}});
        out.push_back({"GRU forward+backward", shape, 1, {ours<Gru>(s), onednn(bench::Cell::gru, s, 1)}});
        out.push_back({"RNN forward+backward", shape, 1, {ours<Rnn>(s), onednn(bench::Cell::rnn, s, 1)}});
        out.push_back({"MGU by a user / LSTM", shape, 1, {ours<Mgu>(s), onednn(bench::Cell::lstm, s, 1)}});
    }
    return out;
}

}  // namespace bench
