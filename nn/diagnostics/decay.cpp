// Judges how a norm changes from step to step.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/diagnostics/decay.hpp>

namespace unspool::core {

std::string text(Verdict v) {
    switch (v) {
        case Verdict::healthy: return "healthy";
        case Verdict::vanishing: return "vanishing";
        case Verdict::exploding: return "exploding";
        case Verdict::not_finite: return "not finite";
        case Verdict::unreached: return "unreached";
    }
    return "";
}

namespace {

void check(DecayOptions const& o, Where where) {
    if (!(o.vanishing > 0 && o.vanishing < 1 && o.exploding > 1 && std::isfinite(o.exploding) && o.horizon > 0 &&
          o.horizon < 1))
        throw ValueError(fmt::format(
            "{}: decay: vanishing {}, exploding {} and horizon {} must be such that 0 < vanishing < 1 < exploding "
            "and 0 < horizon < 1",
            text(where), o.vanishing, o.exploding, o.horizon));
}

/// Norms as they are met on the way back.
class WayBack {
public:
    WayBack(std::span<double const> norms, bool reverse) : norms_(norms), reverse_(reverse) {}

    Index size() const { return std::ssize(norms_); }
    Index step(Index k) const { return reverse_ ? k : size() - 1 - k; }
    double operator[](Index k) const { return norms_[static_cast<std::size_t>(step(k))]; }

private:
    std::span<double const> norms_;
    bool reverse_;
};

/// From the near end to the last norm that is above zero: an underflow further on says no more than that.
double factor_per_step(WayBack const& norms, Index first) {
    Index last = first;
    for (Index k = first; k < norms.size() && norms[k] > 0; ++k) last = k;
    if (last == first) return std::numeric_limits<double>::quiet_NaN();
    return std::exp(std::log(norms[last] / norms[first]) / static_cast<double>(last - first));
}

void find_horizon(Decay& out, WayBack const& norms, Index first, double part) {
    Index k = first;
    while (k < norms.size() && norms[k] >= part * out.at_begin) ++k;
    out.beyond  = k == norms.size();
    out.horizon = out.beyond ? out.steps : k - first;
}

Verdict judged(Decay const& d, DecayOptions const& o) {
    if (d.at_fault >= 0) return Verdict::not_finite;
    if (d.most >= o.exploding * d.at_begin) return Verdict::exploding;
    return d.at_end <= o.vanishing * d.at_begin ? Verdict::vanishing : Verdict::healthy;
}

}  // namespace

Decay decay_of(std::span<double const> all, bool reverse, DecayOptions const& o, Where where) {
    check(o, where);
    WayBack const norms(all, reverse);
    Decay out;
    Index first = 0;
    while (first < norms.size() && norms[first] == 0) ++first;
    if (first == norms.size()) return out;
    out.begin = norms.step(first), out.end = norms.step(norms.size() - 1);
    out.at_begin = norms[first], out.at_end = norms[norms.size() - 1];
    out.steps = norms.size() - 1 - first;
    for (Index k = norms.size(); k-- > first;)
        if (std::isfinite(norms[k])) out.most = std::max(out.most, norms[k]);
        else out.at_fault = norms.step(k);
    if (out.at_fault < 0) {
        out.per_step = factor_per_step(norms, first);
        find_horizon(out, norms, first, o.horizon);
    }
    out.verdict = judged(out, o);
    return out;
}

std::string text(Decay const& d, DecayOptions const& o) {
    if (d.verdict == Verdict::unreached) return "unreached: no gradient arrives at any step";
    if (d.verdict == Verdict::not_finite)
        return fmt::format("not finite: first, on the way back, at t = {}", d.at_fault);
    if (d.steps == 0) return fmt::format("healthy: {:.2g}, in one step", d.at_begin);
    std::string const way  = fmt::format("{}: from {:.2g} at t = {} to {:.2g} at t = {}", text(d.verdict), d.at_begin,
                                         d.begin, d.at_end, d.end);
    std::string const rate = std::isnan(d.per_step) ? "" : fmt::format(", a factor of {:.2f} a step", d.per_step);
    std::string const gone =
        d.beyond ? fmt::format("never below {:.2g} of it", o.horizon)
                 : fmt::format("below {:.2g} of it after {} step{}", o.horizon, d.horizon, d.horizon == 1 ? "" : "s");
    return way + rate + "; " + gone;
}

}  // namespace unspool::core
