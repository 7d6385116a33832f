// Products of the rows of one sequence, or of all.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/clip.hpp>
#include <unspool/nn/optim/per_sequence.hpp>
#include <unspool/nn/optim/row_products.hpp>

namespace unspool::core {

namespace {

std::vector<double> ones(Index n) { return std::vector<double>(static_cast<std::size_t>(n), 1.0); }

/// One for each sequence, of the tape's element type.
std::vector<std::byte> seed_of(Var const& losses, std::span<double const> weights, Where where) {
    std::vector<std::byte> out(weights.size() * size_of(losses.dtype(where)));
    dispatch(losses.dtype(), [&](auto t) {
        std::transform(weights.begin(), weights.end(), reinterpret_cast<decltype(t)*>(out.data()),
                       [](double w) { return static_cast<decltype(t)>(w); });
    });
    return out;
}

Index number_of(Var const& losses, Where where) {
    if (losses.shape(where).rank() != 1)
        throw ShapeError(
            fmt::format("{}: {} has the shape {}: the gradients of each sequence are those of losses [B], or of a "
                        "scalar and a number of sequences",
                        text(where), label(losses), text(losses.shape())));
    return losses.size(0);
}

Var const& scalar(Var const& sum, Where where) {
    require_scalar(sum, where);
    return sum;
}

Index at_least_one(Index sequences, Where where) {
    require_at_least(1, "PerSequence", "sequences", sequences, where);
    return sequences;
}

}  // namespace

PerSequence::PerSequence(Var const& losses, Where where)
    : PerSequence(losses, seed_of(losses, ones(number_of(losses, where)), where).data(), number_of(losses, where),
                  where) {}
PerSequence::PerSequence(Var const& sum, Index sequences, Where where)
    : PerSequence(scalar(sum, where), nullptr, sequences, where) {}
PerSequence::PerSequence(Var const& y, void const* seed, Index sequences, Where where)
    : sequences_(at_least_one(sequences, where))
    , gradients_(sweep(y, seed, Keep::leaves, where, &rows_))
    , split_(y.tape(), rows_, sequences, where) {}

template <Real T> void PerSequence::write(Param const& p, Index b, T* to) const {
    std::fill_n(to, p.count(), T(0));
    for (WeightRows const& w : rows_.all())
        if (w.param == &p) {
            if (w.added())
                SumOfRows<T>().add_to(w.part_of(to), rows_of_sequence<T>(w.adjoint(), b, sequences_), unweighted);
            else
                multiply<T>(w.part_of(to),
                            {transposed(rows_of_sequence<T>(w.left(), b, sequences_)),
                             rows_of_sequence<T>(w.right(), b, sequences_)},
                            WriteMode::add);
        }
    if (auto const* s = split_.find(p)) std::transform(to, to + p.count(), s->of<T>(b), to, std::plus<T>());
}

template <Real T> xt::xarray<T> PerSequence::gradients(Param const& p, Where where) const {
    if (dtype_of<T> != gradients_.dtype())
        throw TypeError(fmt::format("{}: the gradients of {} are {}, not {}", text(where), p.path(),
                                    text(gradients_.dtype()), text(dtype_of<T>)));
    std::vector<std::size_t> shape{static_cast<std::size_t>(sequences_)};
    shape.insert(shape.end(), p.shape().begin(), p.shape().end());
    xt::xarray<T> out = xt::zeros<T>(shape);
    for (Index b = 0; b < sequences_; ++b) write(p, b, out.data() + b * p.count());
    return out;
}

/// The rows that all of a parameter's gradient comes from, if there is one product.
WeightRows const* PerSequence::only_rows(Param const& p) const {
    auto const is_of = [&](WeightRows const& w) { return w.param == &p; };
    auto const all   = rows_.all();
    auto const w     = std::find_if(all.begin(), all.end(), is_of);
    return w != all.end() && w->whole() && !split_.find(p) && std::count_if(all.begin(), all.end(), is_of) == 1
               ? &*w
               : nullptr;
}

/// Are products of rows with rows cheaper than that of inputs with adjoints?  |leftᵀ right|² = Σ_st (left_s · left_t)
/// (right_s · right_t).
bool PerSequence::better_as_gram(WeightRows const& w) const {
    auto const all      = rows_.all();
    auto const users    = std::count_if(all.begin(), all.end(),
                                        [&](WeightRows const& o) { return o.adjoints == w.adjoints && !o.added(); });
    Index const adjoint = w.adjoints->width, input = w.inputs->width;
    return w.rows / sequences_ * (adjoint / users + input) < adjoint * input;
}

/// Of each sequence, summed over some parameters.
std::vector<double> PerSequence::squares(std::span<Param const* const> params) const {
    std::vector<double> out(static_cast<std::size_t>(sequences_));
    dispatch(gradients_.dtype(), [&](auto t) {
        using T = decltype(t);
        Grams<T> grams(sequences_);
        SumOfRows<T> biases;
        std::vector<T> formed;
        auto const of = [&](Param const& p, Index b) {
            WeightRows const* const w = only_rows(p);
            Index const n             = w ? w->rows / sequences_ : 0;
            if (w && w->added()) {
                auto const& sum = biases.of(rows_of_sequence<T>(w->adjoint(), b, sequences_), unweighted);
                return square(sum.data(), p.count());
            }
            if (w && better_as_gram(*w))
                return std::max(0.0, product(grams.of(w->input()), grams.of(w->adjoint()), n * n));
            formed.assign(static_cast<std::size_t>(p.count()), T(0));
            write(p, b, formed.data());
            return square(formed.data(), p.count());
        };
        for (Index b = 0; b < sequences_; ++b) {
            grams.go_to(b);
            for (Param const* p : params) out[static_cast<std::size_t>(b)] += of(*p, b);
        }
    });
    return out;
}

std::vector<double> PerSequence::squared_norms(Param const& p) const {
    Param const* const one = &p;
    return squares({&one, 1});
}

std::vector<double> PerSequence::norms() const {
    std::vector<Param const*> all;
    gradients_.each_param([&](Param const& p) { all.push_back(&p); });
    std::vector<double> out = squares(all);
    for (double& x : out) x = std::sqrt(x);
    return out;
}

namespace {

/// Row r of the narrower side times the weight of its sequence, as a matrix; the other side as it is.
template <Real T> Product<T> weighted(WeightRows const& w, std::span<double const> weights, std::vector<T>& memory) {
    bool const left        = w.m <= w.n;
    Array<T const> const x = typed<T>(left ? w.left() : w.right());
    Index const width      = x.shape[1];
    memory.resize(static_cast<std::size_t>(w.rows * width));
    for (Index r = 0; r < w.rows; ++r) {
        T const weight = static_cast<T>(weights[static_cast<std::size_t>(r) % weights.size()]);
        std::transform(x.data + r * width, x.data + (r + 1) * width, memory.data() + r * width,
                       [&](T a) { return weight * a; });
    }
    Array<T const> const scaled{memory.data(), x.shape, x.strides};
    return {transposed(left ? scaled : typed<T>(w.left())), left ? typed<T>(w.right()) : scaled};
}

}  // namespace

Gradients& PerSequence::sum(std::span<double const> weights, Where where) {
    if (static_cast<Index>(weights.size()) != sequences_)
        throw ValueError(fmt::format("{}: {} weights for {} sequences", text(where), weights.size(), sequences_));
    dispatch(gradients_.dtype(), [&](auto t) {
        using T = decltype(t);
        std::vector<T> memory;
        SumOfRows<T> biases;
        gradients_.each_param([&](Param const& p) { std::fill_n(gradients_.mutable_data<T>(p), p.count(), T(0)); });
        for (WeightRows const& w : rows_.all())
            if (Array<T> const to = w.part_of(gradients_.mutable_data<T>(*w.param)); w.added())
                biases.add_to(to, typed<T>(w.adjoint()), weights);
            else multiply<T>(to, weighted<T>(w, weights, memory), WriteMode::add);
        for (auto const& s : split_.all())
            for (Index b = 0; b < sequences_; ++b) {
                T* const to   = gradients_.mutable_data<T>(*s.param);
                T const scale = static_cast<T>(weights[static_cast<std::size_t>(b)]);
                std::transform(to, to + s.param->count(), s.of<T>(b), to, [&](T a, T g) { return a + scale * g; });
            }
    });
    return gradients_;
}
Gradients& PerSequence::sum() { return sum(ones(sequences_)); }

Gradients& PerSequence::clipped_sum(double most, Where where) {
    require_number(most > 0, "PerSequence", "most", most, "above 0", where);
    std::vector<double> weights = norms();
    for (double& w : weights) w = 1 / std::max(1.0, w / most);
    return sum(weights, where);
}

// With the batches of appendix A.1 as one sequence and all of them.
NoiseScale PerSequence::noise_scale(Where where) {
    require_at_least(2, "noise_scale", "sequences", sequences_, where);
    double const n = static_cast<double>(sequences_), of_mean = grad_norm(sum()) / n, large = of_mean * of_mean;
    double small = 0;
    for (double x : norms()) small += x * x / n;
    return {(small - large) * n / (n - 1), (n * large - small) / (n - 1)};
}

void require_separate(Var const& losses, Where where) {
    PerSequence each(losses, where);
    Random random(1);
    std::vector<double> weights(static_cast<std::size_t>(each.sequences()));
    for (double& w : weights) w = random.uniform(0.5, 1.5);
    Gradients const expected = sweep(losses, seed_of(losses, weights, where).data(), Keep::leaves, where);
    Gradients& found         = each.sum(weights);
    double const rounding    = losses.dtype() == float32 ? 1e-3 : 1e-9;
    expected.each_param([&](Param const& p) {
        double apart = 0, size = 0;
        dispatch(losses.dtype(), [&](auto t) {
            using T             = decltype(t);
            auto const a        = static_cast<T const*>(expected[p].data());
            auto const* const b = found.mutable_data<T>(p);
            for (Index i = 0; i < p.count(); ++i) {
                apart = std::max(apart, static_cast<double>(std::abs(a[i] - b[i])));
                size  = std::max(size, static_cast<double>(std::abs(a[i])));
            }
        });
        if (!(apart <= rounding * size))
            throw ValueError(
                fmt::format("{}: the gradients of {} by each sequence do not sum to those of all: the sequences see "
                            "each other, or lie along another axis than [B,…] or [T,B,…] has",
                            text(where), p.path()));
    });
}

template xt::xarray<float> PerSequence::gradients(Param const&, Where) const;
template xt::xarray<double> PerSequence::gradients(Param const&, Where) const;

}  // namespace unspool::core
