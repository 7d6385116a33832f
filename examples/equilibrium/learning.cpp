#include "learning.hpp"

namespace equilibrium {

namespace {

using Array = xt::xarray<double>;

struct Signs {
    xt::xtensor<float, 3> xs, changed;  // [T,B,1]: −1 or 1, and 1 where it is another than the last one
};

Signs signs(std::size_t steps, std::size_t batch, Random& random) {
    Signs out{xt::zeros<float>({steps, batch, std::size_t{1}}), xt::zeros<float>({steps, batch, std::size_t{1}})};
    for (std::size_t b = 0; b < batch; ++b)
        for (std::size_t t = 0; t < steps; ++t) {
            out.xs(t, b, 0)      = random.below(2) ? 1 : -1;
            out.changed(t, b, 0) = t > 0 && out.xs(t, b, 0) != out.xs(t - 1, b, 0);
        }
    return out;
}

/// The loss of a batch, and its gradients end to end.
struct Gradient {
    std::vector<double> numbers;
    Index nodes;
    double bytes;
};
template <class C> Gradient gradient_of(Params const& params, C const& cell, Array const& xs, Index hidden) {
    Tape tape(float64);
    Var const first = tape.zeros({static_cast<Index>(xs.shape(1)), hidden});
    Var const loss  = mean(square(stack(scan(cell, tape.constant(xs), first).outputs) - 0.5));
    return {backward(loss).flatten(params), static_cast<Index>(tape.size()),
            static_cast<double>(tape.bytes_reserved())};
}

}  // namespace

Comparison compare(std::uint64_t seed, double tolerance, Index iterations) {
    constexpr Index hidden = 16;
    Params params(seed, float64);
    Cell const cell(params, 1, hidden, {.tolerance = tolerance});
    Random random(seed + 1);
    Array const xs = signs(8, 64, random).xs;
    auto const a   = gradient_of(params, cell, xs, hidden),
               b   = gradient_of(params, Cell::Unrolled{cell, iterations}, xs, hidden);
    Comparison out{iterations, 0, 0, a.nodes, b.nodes, a.bytes, b.bytes};
    for (std::size_t k = 0; k < a.numbers.size(); ++k) {
        out.largest = std::max(out.largest, std::abs(b.numbers[k]));
        out.apart   = std::max(out.apart, std::abs(a.numbers[k] - b.numbers[k]));
    }
    out.apart /= out.largest;
    return out;
}

Learned learn(std::uint64_t seed, Index updates) {
    constexpr std::size_t steps = 10;
    Params params(seed);
    Cell const cell(params / "cell", 1, 16);
    nn::Linear const out(params / "out", 16, 1);
    auto const logits = [&](Tape& tape, Signs const& s) -> Var {
        auto const batch = static_cast<Index>(s.xs.shape(1));
        return out(stack(scan(cell, tape.constant(s.xs), cell.zeros(tape, batch)).outputs));
    };
    Adam adam(params, {.rate = 1e-2});
    Random random(seed + 1);
    Tape tape;
    for (Index u = 0; u < updates; ++u) {
        tape.rewind();
        Signs const s       = signs(steps, 32, random);
        cell.spent()        = {};
        Gradients gradients = backward(bce_with_logits(logits(tape, s), tape.constant(s.changed)));
        clip_grad_norm(gradients, 1);
        adam.step(gradients);
    }
    Spent const last = cell.spent();
    tape.rewind();
    Signs const unseen = signs(steps, 500, random);
    auto const said    = logits(tape, unseen).value<float>();
    double const right = xt::mean(xt::equal(said > 0, unseen.changed > 0.5F))();
    return {right, static_cast<double>(last.forward) / steps, static_cast<double>(last.backward) / steps};
}

}  // namespace equilibrium
