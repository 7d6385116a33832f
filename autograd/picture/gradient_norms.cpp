// Norms and other statistics of values and gradients.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/picture/gradient_norms.hpp>
#include <utility>

namespace unspool::core {

namespace {

struct Statistics {
    double low = INFINITY, high = -INFINITY, sum = 0, squares = 0;
    std::size_t n = 0, odd = 0;  // NaN or infinite

    template <class A> explicit Statistics(A const& a) {
        for (auto const v : a) note(static_cast<double>(v));
    }
    void note(double v) {
        ++n, odd += !std::isfinite(v), sum += v, squares += v * v;
        low = std::min(low, v), high = std::max(high, v);
    }
    double norm() const { return std::sqrt(squares); }
    double mean() const { return sum / static_cast<double>(n); }
    double deviation() const { return std::sqrt(std::max(0., squares / static_cast<double>(n) - mean() * mean())); }
};

std::string text(Statistics const& s) {
    if (s.n == 0) return "no elements";
    if (s.n == 1 && s.odd == 0) return fmt::format("{:.4g}", s.sum);
    std::string const odd = s.odd ? fmt::format(", {} of {} NaN or infinite", s.odd, s.n) : "";
    return fmt::format("{:.3g} … {:.3g}, mean {:.3g}, deviation {:.3g}{}", s.low, s.high, s.mean(), s.deviation(), odd);
}

constexpr std::size_t most_elements = 4;  // of a value, in a picture

template <class A> std::string first_of(A const& a) {
    std::string out;
    std::size_t n = 0;
    for (auto it = a.begin(); it != a.end() && n < most_elements; ++it)
        out += fmt::format("{}{:.4g}", n++ > 0 ? ", " : "", static_cast<double>(*it));
    return out + (a.size() > n ? ", …" : "");
}

}  // namespace

Values GradientNorms::gradient(Window const& w) const {
    return (*options_.colour)[Var(const_cast<Tape&>(reading_.tape()), w)];
}

Flow GradientNorms::flow(Window const& w) const {
    Values const g    = gradient(w);
    double const norm = dispatch(g.dtype(), [&](auto t) { return Statistics(g.value<decltype(t)>()).norm(); });
    if (!std::isfinite(norm)) return {Flow::not_finite, norm};
    if (norm > options_.clip) return {Flow::clipped, norm};
    if (norm > 0) return {Flow::usual, norm};
    return {options_.colour->reached(Var(const_cast<Tape&>(reading_.tape()), w)) ? Flow::zero : Flow::unreached, 0};
}

std::optional<Flow> GradientNorms::of(Window const& w) const {
    if (!options_.colour || !reading_.tape().requires_grad(w)) return {};
    auto const it = known_.find(&w);
    return it != known_.end() ? it->second : known_.emplace(&w, flow(w)).first->second;
}

void GradientNorms::gather_steps() const {
    if (std::exchange(gathered_, true)) return;
    for (NodeId id = 0; id < reading_.tape().size(); ++id) {
        int const u = reading_.unit_of(id), shown = u < 0 ? -1 : reading_.shown_as(u);
        if (shown < 0) continue;
        Index const t = time_of(reading_[u].frame);
        steps_[shown].try_emplace(t, reading_[u].window);
        for (std::size_t k = 0; k < reading_[u].inputs.size(); ++k)
            operands_[reading_[shown].inputs[k]].try_emplace(t, reading_[u].inputs[k]);
    }
}

std::optional<Flow> GradientNorms::of_operand(Window const& w) const {
    auto const out = of(w);
    if (!out) return out;
    gather_steps();
    auto const it    = operands_.find(&w);
    auto const other = [&](auto const& at) { return at.second->node != w.node || at.second->data != w.data; };
    return it == operands_.end() || std::none_of(it->second.begin(), it->second.end(), other) ? out
                                                                                              : over_time(it->second);
}

/// The most unusual of all kinds that there are.
Flow GradientNorms::over_time(InTime const& all) const {
    Flow out{Flow::unreached};
    bool odd = false, clipped = false, zero = false;
    for (auto const& [t, w] : all) {
        auto const f = of(*w);
        if (!f) continue;
        out.over_time.push_back(f->norm);
        odd |= f->kind == Flow::not_finite, clipped |= f->kind == Flow::clipped, zero |= f->kind == Flow::zero;
        out.norm = std::max(out.norm, f->norm);
    }
    out.kind = odd            ? Flow::not_finite
               : clipped      ? Flow::clipped
               : out.norm > 0 ? Flow::usual
               : zero         ? Flow::zero
                              : Flow::unreached;
    return out;
}

std::optional<Flow> GradientNorms::of_unit(int u) const {
    auto out = of(*reading_[u].window);
    if (!out || reading_.shown_as(u) < 0) return out;
    gather_steps();
    return over_time(steps_[u]);
}

std::string GradientNorms::tooltip(Window const& w, Where where, int frame) const {
    if (!options_.tooltips) return "";
    std::string out = where.line > 0 ? core::text(where) + "\n" : "";
    if (reading_.rolled_around(frame)) out += fmt::format("of step {}: ", time_of(frame));
    dispatch(reading_.tape().dtype(), [&](auto t) {
        using T = decltype(t);
        out += "values " + text(Statistics(array_view(static_cast<T const*>(w.data), w.shape, w.strides)));
        if (of(w)) out += "\ngradient " + text(Statistics(gradient(w).value<T>()));
    });
    return out;
}

std::string GradientNorms::elements(Window const& w) const {
    if (!options_.tooltips) return "";
    return dispatch(reading_.tape().dtype(), [&](auto t) {
        using T         = decltype(t);
        std::string out = "value " + first_of(array_view(static_cast<T const*>(w.data), w.shape, w.strides));
        if (of(w)) out += "\ngradient " + first_of(gradient(w).value<T>());
        return out;
    });
}

}  // namespace unspool::core
