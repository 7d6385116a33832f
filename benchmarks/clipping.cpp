// The gradients of a batch, each sequence's clipped, beside as many sweeps of one sequence.
#include "clipping.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <unspool.hpp>
#include <xtensor/xview.hpp>

#include "layers.hpp"

namespace bench {

namespace {

using namespace unspool;

constexpr RnnShape shape{50, 32, 64, 128};  // steps, sequences, inputs, units

/// An LSTM, and the losses of sequences on tapes of so many each.
struct Clipped {
    Params params{1};
    nn::LSTM lstm{params, static_cast<Index>(shape.inputs), static_cast<Index>(shape.units)};
    std::deque<Tape> tapes;
    std::vector<Var> losses;

    explicit Clipped(std::size_t at_once) {
        Inputs const all(shape);
        for (std::size_t b = 0; b < shape.batch; b += at_once) {
            xt::xarray<float> const xs = xt::view(all.xs, xt::all(), xt::range(b, b + at_once));
            Var const ys               = lstm(tapes.emplace_back().constant(xs)).outputs;
            losses.push_back(sum(sum(square(ys), -1), 0));
        }
    }
    /// Σ g_b / max(1, |g_b|)
    std::vector<float> from_one_sweep() const {
        PerSequence each(losses[0]);
        return flat(each.clipped_sum(1));
    }
    std::vector<float> from_single_sweeps() const {
        std::vector<double> out(static_cast<std::size_t>(params.count()));
        for (Var const& loss : losses) {
            Gradients g = backward(sum(loss));
            clip_grad_norm(g, 1);
            auto const one = g.flatten(params);
            std::transform(one.begin(), one.end(), out.begin(), out.begin(), std::plus<>());
        }
        return {out.begin(), out.end()};
    }
    /// Nothing but the sweeps.
    void sweep() const {
        for (Var const& loss : losses) static_cast<void>(backward(loss, xt::ones<float>({1})));
    }

private:
    std::vector<float> flat(Gradients const& g) const {
        auto const all = g.flatten(params);
        return {all.begin(), all.end()};
    }
};

Ready batch() {
    auto const it = std::make_shared<Clipped>(shape.batch);
    return {[=] { PerSequence(it->losses[0]).clipped_sum(1); }, [=] { return it->from_one_sweep(); }};
}
Ready one_by_one() {
    auto const it = std::make_shared<Clipped>(1);
    return {[=] { it->sweep(); }, [=] { return it->from_single_sweeps(); }};
}

}  // namespace

std::vector<Contest> clipping_contests() {
    return {
        {"LSTM, sequences' gradients clipped", name(shape), 1, unspool_and({{"sweeps of one", one_by_one}}, batch)}};
}

}  // namespace bench
