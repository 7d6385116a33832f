// Recurrent layers of this library, to be timed.
#include "layers.hpp"

#include <algorithm>
#include <deque>
#include <unspool/autograd/cpu/workers.hpp>
#include <xtensor/xview.hpp>

#include "cells.hpp"

namespace bench {

namespace {

Index narrow(std::size_t n) { return static_cast<Index>(n); }

xt::xarray<float> noise(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    xt::xarray<float> out = xt::zeros<float>(shape);
    Random random(seed);
    std::generate(out.begin(), out.end(), [&] { return static_cast<float>(random.uniform(-1, 1)); });
    return out;
}

/// The first state of a cell, whose parts are all h.
template <class Cell> auto first_state(Var h) {
    if constexpr (requires { &Cell::State::c; }) return typename Cell::State{h, h};
    else return h;
}

template <class Cell> Cell make_cell(Params const& params, RnnShape const& s) {
    return Cell(params, narrow(s.inputs), narrow(s.units));
}

/// What a step of training does with one layer: forward from a sequence and a state, and backward to both and to the
/// parameters.  The batch is cut into shards, one for each thread.
template <class Cell> class Layer {
public:
    Layer(RnnShape const& s, int threads)
        : cell_(make_cell<Cell>(params_, s)), shape_(s), shards_(threads), workers_(threads) {
        Inputs const all(s);
        for (Index k = 0; k < std::min<Index>(threads, narrow(s.batch)); ++k)
            parts_.push_back({xt::view(all.xs, xt::all(), rows_of(k)), xt::view(all.h, rows_of(k)), {}});
    }

    /// Of a sequence and a state that are on the tape already, as the peers' are in their memory.
    void forward() {
        if (paused_.empty())
            for (Part const& p : parts_) paused_.emplace_back(p);
        workers_.each(narrow(parts_.size()), [&](Index k) {
            auto& [tape, xs, h, begin] = paused_[static_cast<std::size_t>(k)];
            tape.rewind(begin);
            Pause const pause(tape);
            outputs(k, xs, h);
            tape.hand_over();
        });
    }
    void forward_backward() {
        shards_.run(narrow(shape_.batch), [&](Tape& tape, Shard s) {
            Part const& p = parts_[static_cast<std::size_t>(s.number)];
            return mean(outputs(s.number, tape.input(p.xs), tape.input(p.h)));
        });
    }
    std::vector<float> result() const {
        xt::xarray<float> out = xt::zeros<float>({shape_.steps, shape_.batch, shape_.units});
        for (std::size_t k = 0; k < parts_.size(); ++k)
            xt::view(out, xt::all(), rows_of(narrow(k))) = parts_[k].outputs.template value<float>();
        return {out.begin(), out.end()};
    }

private:
    struct Part {
        xt::xarray<float> xs, h;
        Var outputs;
    };

    struct Paused {
        Tape tape;
        Var xs, h;
        Tape::Mark begin;

        explicit Paused(Part const& p) : xs(tape.input(p.xs)), h(tape.input(p.h)), begin(tape.mark()) {
            tape.hand_over();  // to whichever thread takes it
        }
    };

    auto rows_of(Index part) const {
        Shard const s = shards_.part(part, narrow(shape_.batch));
        return xt::range(s.begin, s.end);
    }
    Var outputs(Index part, Var xs, Var h) {
        return parts_[static_cast<std::size_t>(part)].outputs = stack(scan(cell_, xs, first_state<Cell>(h)).outputs);
    }

    Params params_{1};
    Cell cell_;
    RnnShape shape_;
    Shards shards_;
    Workers workers_;
    std::vector<Part> parts_;
    std::deque<Paused> paused_;  // once asked to go forward
};

template <class Cell> Ready layer(RnnShape const& s, Pass pass, int threads) {
    auto const it  = std::make_shared<Layer<Cell>>(s, threads);
    auto const run = pass == Pass::forward ? &Layer<Cell>::forward : &Layer<Cell>::forward_backward;
    return {[=] { ((*it).*run)(); }, [=] { return it->result(); }};
}

/// What comes out of all steps, each of which waits for the one before.
class Steps {
public:
    explicit Steps(RnnShape const& s) : shape(s), inputs(s), ys(s.steps * s.batch * s.units) {}

    std::span<float const> x(std::size_t t) const {
        std::size_t const n = shape.batch * shape.inputs;
        return {inputs.xs.data() + t * n, n};
    }
    void keep(std::size_t t, float const* y) {
        std::size_t const n = shape.batch * shape.units;
        std::copy_n(y, n, ys.data() + t * n);
    }

    RnnShape shape;
    Inputs inputs;
    std::vector<float> ys;
};

template <class Cell> class Streaming : public Steps {
public:
    explicit Streaming(RnnShape const& s)
        : Steps(s)
        , stream_(make_cell<Cell>(Params(1), s), {.batch = narrow(s.batch), .inputs = {{narrow(s.inputs)}}}) {}

    void run() {
        for (auto const& name : stream_.state_names())
            stream_.set_state(name, std::span<float const>(inputs.h.data(), inputs.h.size()));
        for (std::size_t t = 0; t < shape.steps; ++t) keep(t, stream_(x(t)).data());
    }

private:
    nn::Stream<float> stream_;
};

template <class Cell> class Pausing : public Steps {
public:
    explicit Pausing(RnnShape const& s) : Steps(s), cell_(make_cell<Cell>(params_, s)) {
        for (std::size_t t = 0; t < s.steps; ++t)
            xs_.push_back(xt::xarray<float>(xt::view(inputs.xs, static_cast<Index>(t))));
    }

    void run() {
        tape_.rewind();
        Pause const pause(tape_);
        auto state = first_state<Cell>(tape_.constant(inputs.h));
        for (std::size_t t = 0; t < shape.steps; ++t) {
            state = cell_(tape_.constant(xs_[t]), state);
            keep(t, output_of(state).template value<float>().data());
        }
    }

private:
    Params params_{1};
    Cell cell_;
    Tape tape_;
    std::vector<xt::xarray<float>> xs_;
};

template <class Runs> Ready steps(RnnShape const& s) {
    auto const it = std::make_shared<Runs>(s);
    return {[=] { it->run(); }, [=] { return it->ys; }};
}

template <class Cell> Params params_of(RnnShape const& s) {
    Params params(1);
    make_cell<Cell>(params, s);
    return params;
}

template <class Cell> CellKind kind(char const* name) {
    if constexpr (CellWithZeros<Cell>)
        return {name, params_of<Cell>, layer<Cell>, steps<Streaming<Cell>>, steps<Pausing<Cell>>};
    else return {name, params_of<Cell>, layer<Cell>, nullptr, nullptr};
}

std::string text(Pass pass) { return pass == Pass::forward ? "forward" : "forward+backward"; }

}  // namespace

Inputs::Inputs(RnnShape const& s) : xs(noise({s.steps, s.batch, s.inputs}, 1)), h(noise({s.batch, s.units}, 2)) {}

std::span<CellKind const> shipped_cells() {
    static std::array const kinds{kind<nn::LSTMCell>("LSTM"), kind<nn::GRUCell>("GRU"), kind<nn::RNNCell>("RNN")};
    return kinds;
}

std::span<CellKind const> custom_cells() {
    static std::array const kinds{kind<Mgu>("MGU"), kind<PeepholeLstm>("Peephole LSTM"),
                                  kind<LayerNormLstm>("Layer-norm LSTM"), kind<Ugrnn>("UGRNN")};
    return kinds;
}

Contest layer_contest(CellKind const& cell, RnnShape const& s, Pass pass, int threads, LayerPeers const& peers) {
    auto const ours = [=] { return cell.layer(s, pass, threads); };
    return {cell.name + " " + text(pass), name(s), threads, unspool_and(peers(cell, s, pass, threads), ours)};
}

std::vector<Contest> stream_contests(std::span<CellKind const> cells, LayerPeers const& peers) {
    std::vector<Contest> out;
    for (CellKind const& cell : cells)
        for (RnnShape const& s : {RnnShape{1000, 8, 32, 32}, RnnShape{1000, 1, 32, 32}}) {
            auto others = peers(cell, s, Pass::forward, 1);
            others.push_back({"a paused tape", [=] { return cell.paused(s); }});
            out.push_back({cell.name + " stream", name(s), 1, unspool_and(others, [=] { return cell.stream(s); })});
        }
    return out;
}

std::vector<Contest> layer_contests(std::span<CellKind const> cells, std::initializer_list<Pass> passes,
                                    LayerPeers const& peers) {
    std::vector<Contest> out;
    for (Pass pass : passes)
        for (CellKind const& cell : cells)
            for (int threads : {1, 2})
                for (RnnShape const& s : rnn_shapes) out.push_back(layer_contest(cell, s, pass, threads, peers));
    return out;
}

}  // namespace bench
