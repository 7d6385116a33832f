// Carries directions through time, and adds up what becomes of their lengths.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <ostream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/nn/diagnostics/directions.hpp>
#include <unspool/nn/diagnostics/lyapunov.hpp>
#include <unspool/ops/derivatives/products.hpp>

namespace unspool::core {

namespace {

using Array2 = std::vector<double>;  // rows
using Arrays = std::vector<xt::xarray<double>>;

constexpr Index stretches = 16;  // of each sequence, whose means give the standard errors

std::size_t index_of(Index i) { return static_cast<std::size_t>(i); }

/// Each of the rows behind one another `times` times: of an array [B,…], one [B·times,…].
xt::xarray<double> repeated(double const* rows, Index batch, Index times, Shape shape) {
    shape[0]           = batch * times;
    auto out           = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    Index const length = batch == 0 ? 0 : std::ssize(out) / (batch * times);
    auto to            = out.begin();
    for (Index b = 0; b < batch; ++b)
        for (Index k = 0; k < times; ++k) to = std::copy_n(rows + b * length, length, to);
    return out;
}

/// State and directions, step by step: row b·n + k of the directions is number k of sequence b.
class Transport {
public:
    Transport(SteppedCell const& cell, Arrays const& inputs, LyapunovOptions const& o, Where where)
        : cell_(cell)
        , inputs_(inputs)
        , where_(where)
        , batch_(static_cast<Index>(inputs[0].shape()[1]))
        , random_(o.seed) {
        Tape tape(float64);
        std::vector<Var> const start = cell.start(tape, batch_);
        require_state(start, o.state);
        for (std::size_t k = 0; k < start.size(); ++k) {
            xt::xarray<double> const part = o.state.empty() ? xt::xarray<double>(start[k].value<double>()) : o.state[k];
            shapes_.push_back(start[k].shape());
            state_.emplace_back(part.begin(), part.end());
            features_ += std::ssize(part) / std::max<Index>(batch_, 1);
        }
    }
    Index features() const { return features_; }
    Index batch() const { return batch_; }

    void begin(Index directions) {
        n_ = directions;
        directions_.resize(index_of(batch_ * n_ * features_)), logarithms_.resize(index_of(batch_ * n_));
        for (double& x : directions_) x = random_.normal();
        orthonormalise_all();
    }
    /// The logarithms of what became of the directions [B,n].
    Array2 const& step(Index t) {
        tape_.rewind();
        std::vector<Var> const xs = inputs_at(t);
        std::vector<Var> before, along;
        Index from = 0;
        for (std::size_t k = 0; k < shapes_.size(); ++k) {
            before.push_back(tape_.input(repeated(state_[k].data(), batch_, n_, shapes_[k])));
            along.push_back(tape_.constant(directions_from(from, shapes_[k])));
            from += std::ssize(state_[k]) / batch_;
        }
        advance(cell_.step(xs, before, t), before, along, t);
        orthonormalise_all();
        return logarithms_;
    }

private:
    void require_state(std::vector<Var> const& start, Arrays const& given) const {
        if (!given.empty() && given.size() != start.size())
            throw ShapeError(fmt::format("{}: lyapunov: the state has {} parts, {} were given", text(where_),
                                         start.size(), given.size()));
        for (std::size_t k = 0; k < start.size(); ++k) {
            Shape const expected = start[k].shape(), got = given.empty() ? expected : Shape::of(given[k].shape());
            if (!(expected == got) || expected.rank() == 0 || expected[0] != batch_)
                throw ShapeError(describe(where_, "lyapunov",
                                          fmt::format("the state does not fit a batch of {}", batch_), text(expected),
                                          std::array{Shown{cell_.names[k], got}}));
        }
    }
    std::vector<Var> inputs_at(Index t) {
        std::vector<Var> out;
        for (auto const& xs : inputs_) {
            Shape one = Shape::of(xs.shape());
            one.erase(0);
            out.push_back(tape_.constant(repeated(xs.data() + t * count(one), batch_, n_, one)));
        }
        return out;
    }
    /// What the directions are of one part, in its shape.
    xt::xarray<double> directions_from(Index first, Shape shape) const {
        shape[0]           = batch_ * n_;
        auto out           = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
        Index const length = std::ssize(out) / (batch_ * n_);
        for (Index row = 0; row < batch_ * n_; ++row)
            std::copy_n(directions_.begin() + row * features_ + first, length, out.begin() + row * length);
        return out;
    }
    void advance(std::vector<Var> const& after, std::vector<Var> const& before, std::vector<Var> const& along,
                 Index t) {
        for (std::size_t k = 0; k < after.size(); ++k)
            if (!(after[k].shape() == before[k].shape()))
                throw ShapeError(describe(where_, "lyapunov", "a step changes the shape of the state",
                                          text(before[k].shape()),
                                          std::array{Shown{cell_.names[k], after[k].shape()}}));
        // All copies of a sequence go on from the first: others differ by rounding, which chaos does not forgive.
        for (std::size_t k = 0; k < after.size(); ++k) {
            xt::xarray<double> const next = after[k].value<double>();
            Index const length            = std::ssize(state_[k]) / batch_;
            for (Index b = 0; b < batch_; ++b)
                std::copy_n(next.begin() + b * n_ * length, length, state_[k].begin() + b * length);
            require_finite(state_[k], cell_.names[k].c_str(), t);
        }
        Var const y = rows_end_to_end(after, batch_ * n_);
        if (y.requires_grad()) {
            xt::xarray<double> const stretched = jvp(y, before, along, where_).value<double>();
            std::copy(stretched.begin(), stretched.end(), directions_.begin());
        } else std::fill(directions_.begin(), directions_.end(), 0);
        require_finite(directions_, "a derivative", t);
    }
    void require_finite(Array2 const& x, char const* what, Index t) const {
        if (auto const bad = std::find_if(x.begin(), x.end(), [](double v) { return !std::isfinite(v); });
            bad != x.end())
            throw ValueError(fmt::format("{}: lyapunov: {} is {} after step {}", text(where_), what, *bad, t));
    }
    void orthonormalise_all() {
        for (Index b = 0; b < batch_; ++b)
            orthonormalise(std::span(directions_).subspan(index_of(b * n_ * features_), index_of(n_ * features_)),
                           std::span(logarithms_).subspan(index_of(b * n_), index_of(n_)), random_);
    }

    SteppedCell const& cell_;
    Arrays const& inputs_;
    Where where_;
    Index batch_, n_ = 0, features_ = 0;
    Random random_;
    std::vector<Shape> shapes_;
    std::vector<Array2> state_;  // by part
    Array2 directions_, logarithms_;
    Tape tape_{float64};
};

void check(SteppedCell const& cell, Arrays const& inputs, LyapunovOptions const& o, Where where) {
    require_vars_alone(cell, "lyapunov", where);
    if (inputs.size() != cell.inputs)
        throw ShapeError(fmt::format("{}: lyapunov: the cell takes {} sequences, {} were given", text(where),
                                     cell.inputs, inputs.size()));
    for (auto const& xs : inputs)
        if (xs.dimension() < 2 || xs.shape()[0] != inputs[0].shape()[0] || xs.shape()[1] != inputs[0].shape()[1] ||
            xs.shape()[1] == 0)
            throw ShapeError(describe(where, "lyapunov", "these are no sequences", "xs [T,B,...], of the same T and B",
                                      std::array{Shown{"xs", Shape::of(xs.shape())}}));
    auto const steps = static_cast<Index>(inputs[0].shape()[0]);
    if (o.warmup < 0 || steps - o.warmup < stretches)
        throw ValueError(
            fmt::format("{}: lyapunov: {} steps with a warm-up of {}: it wants a warm-up of 0 or more, and {} "
                        "steps behind it",
                        text(where), steps, o.warmup, stretches));
    if (!(o.dt > 0) || !std::isfinite(o.dt))
        throw ValueError(fmt::format("{}: lyapunov: a step takes a time above 0, not {}", text(where), o.dt));
}

/// Of one exponent: its mean, and the standard error of that, by sums over stretches of so many steps each.
std::pair<double, double> mean_and_error(Array2 const& sums, Array2 const& lengths) {
    auto const n = static_cast<double>(sums.size());
    double const mean =
        std::accumulate(sums.begin(), sums.end(), 0.0) / std::accumulate(lengths.begin(), lengths.end(), 0.0);
    if (!std::isfinite(mean)) return {mean, std::numeric_limits<double>::quiet_NaN()};
    double squares = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) squares += std::pow(sums[i] / lengths[i] - mean, 2);
    return {mean, std::sqrt(squares / (n - 1) / n)};
}

/// Dimension, entropy rate and whether they are all there is to say, of exponents in order.
void conclude(LyapunovSpectrum& s) {
    double sum = 0;
    for (double e : s.exponents) s.entropy_rate += std::max(e, 0.0);
    for (double e : s.exponents) {
        if (sum + e < 0) {
            s.dimension += sum / -e, s.complete = true;
            return;
        }
        sum += e, s.dimension += 1;
    }
    s.complete = std::ssize(s.exponents) == s.features;
}

}  // namespace

LyapunovSpectrum lyapunov(SteppedCell const& cell, Arrays const& inputs, LyapunovOptions const& o, Where where) {
    check(cell, inputs, o, where);
    Transport transport(cell, inputs, o, where);
    LyapunovSpectrum out;
    out.features  = transport.features();
    Index const n = o.exponents == 0 ? out.features : o.exponents, steps = static_cast<Index>(inputs[0].shape()[0]),
                counted = steps - o.warmup;
    if (n < 1 || n > out.features)
        throw ValueError(
            fmt::format("{}: lyapunov: {} exponents of a state of {} features", text(where), n, out.features));
    transport.begin(n);
    std::vector<Array2> sums(index_of(n), Array2(index_of(transport.batch() * stretches), 0.0));
    Array2 lengths(index_of(transport.batch() * stretches), 0.0);
    for (Index t = 0; t < steps; ++t) {
        Array2 const& logarithms = transport.step(t);
        if (t < o.warmup) continue;
        for (Index b = 0; b < transport.batch(); ++b) {
            Index const stretch = b * stretches + (t - o.warmup) * stretches / counted;
            lengths[index_of(stretch)] += o.dt;
            for (Index k = 0; k < n; ++k) sums[index_of(k)][index_of(stretch)] += logarithms[index_of(b * n + k)];
        }
    }
    std::vector<std::pair<double, double>> all;
    for (auto const& each : sums) all.push_back(mean_and_error(each, lengths));
    std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
    for (auto const& [mean, error] : all) out.exponents.push_back(mean), out.errors.push_back(error);
    conclude(out);
    return out;
}

std::string LyapunovSpectrum::csv() const {
    std::string out = "i,exponent,error\n";
    for (std::size_t i = 0; i < exponents.size(); ++i) out += fmt::format("{},{},{}\n", i + 1, exponents[i], errors[i]);
    return out;
}

void LyapunovSpectrum::save(std::string const& path) const { write_whole(path, csv()); }

std::string text(LyapunovSpectrum const& s) {
    constexpr std::size_t most = 6;
    std::string out            = "Lyapunov exponents";
    for (std::size_t i = 0; i < std::min(s.exponents.size(), most); ++i)
        out += (i == 0 ? " " : ", ") +
               (std::isfinite(s.exponents[i]) ? fmt::format("{:.4f} ± {:.1g}", s.exponents[i], s.errors[i]) : "−∞");
    if (s.exponents.size() > most) out += fmt::format(", … {:.4f}", s.exponents.back());
    char const* const at_least = s.complete ? "" : " or more";
    return fmt::format("{}\nKaplan–Yorke dimension {:.3g}{} of {}, entropy rate {:.3g}{}\n", out, s.dimension, at_least,
                       s.features, s.entropy_rate, at_least);
}

std::ostream& operator<<(std::ostream& out, LyapunovSpectrum const& s) { return out << text(s); }

}  // namespace unspool::core
