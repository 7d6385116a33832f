// Finds slopes, and judges backward values by them.
#include <algorithm>
#include <limits>
#include <unspool/autograd/gradcheck/finite_difference.hpp>

namespace unspool::core {

void FiniteDifference::add(double w, FiniteDifference const& s) {
    double const size = std::abs(w);
    central += w * s.central, below += w * s.below, above += w * s.above;
    gap += size * s.gap, wide_gap += size * s.wide_gap;
    if (changed == s.changed) noise += size * s.noise;
    else if (s.changed) noise = size * s.noise;  // what does not change has no noise, unless nothing changes
    changed = changed || s.changed, wide = wide || s.wide;
}

FiniteDifference Stencil::slope(std::size_t i) const {
    double const y0 = (*here)[i];
    double largest = std::abs(y0), change = 0;
    for (Numbers const& v : y)
        if (std::isfinite(v[i]))
            largest = std::max(largest, std::abs(v[i])), change = std::max(change, std::abs(v[i] - y0));
    double const noise = largest * rounding / (at[2] - at[1]);
    FiniteDifference out;
    out.changed = !std::all_of(y.begin(), y.end(), [&](Numbers const& v) { return v[i] == y0; });
    out.noise   = noise;
    out.wide    = change > std::abs(y0) / 2;
    if (!out.changed) return out;
    std::array<double, 4> d;
    for (std::size_t k = 0; k < 4; ++k) d[k] = (y[k][i] - y0) / at[k];
    double const wide = (y[3][i] - y[0][i]) / (at[3] - at[0]), narrow = (y[2][i] - y[1][i]) / (at[2] - at[1]);
    bool const helps = !(std::abs(wide - narrow) <= noise / 8);  // else the wider one is rounded less
    out.central      = helps ? (4 * narrow - wide) / 3 : wide;
    out.noise += rounding * (std::abs(wide) + std::abs(narrow));  // where they cancel
    out.below = one_sided(i, -1), out.above = one_sided(i, 1);
    out.gap = std::abs(d[2] - d[1]), out.wide_gap = std::abs(d[3] - d[0]);
    return out;
}

double Stencil::one_sided(std::size_t i, int side) const {
    std::size_t const near = side < 0 ? 1 : 2, far = side < 0 ? 0 : 3;
    return (4 * (y[near][i] - (*here)[i]) - (y[far][i] - (*here)[i])) / at[far];
}

FiniteDifferences slopes(Weights const& w, Stencil const& stencil) {
    FiniteDifferences out(w.rows());
    for (std::size_t i = 0; i < stencil.here->size(); ++i) {
        FiniteDifference const s = stencil.slope(i);
        if (w.all[i] != 0) out.back().add(w.all[i], s);
        if (!w.each.empty()) out[i].add(w.each[i], s);
    }
    return out;
}

double scale_of(double gradient, double result) {
    double const known = gradient > 0 ? gradient : result;
    return std::isfinite(known) ? std::min(1.0, known) : 1;
}

double relative_error(double a, double b) {
    if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<double>::infinity();
    return a == b ? 0 : std::abs(a - b) / std::max(std::abs(a), std::abs(b));
}

Steps steps_at(double step, double unit, double value) {
    constexpr double fine = 1e-13;  // of a value: some hundred of its roundings
    return {step * unit, value == 0 ? 1e-18 * unit : std::min(fine * std::abs(value), step * unit)};
}

namespace {

constexpr double ratio = 10;  // of a step to the next

/// Are the slopes at both sides as different as they were farther away, and is the backward value between them?
bool at_kink(Claim const& c, FiniteDifference const& coarse, FiniteDifference const& fine, Tolerance const& t) {
    bool const persists = fine.finite() && fine.gap > coarse.gap / 2 && fine.gap < 3 * coarse.gap;
    return persists && fine.gap > t.absolute * c.scale + 4 * fine.noise &&
           std::abs(c.backward - fine.central) <= fine.gap / 2 + t.allowed(c.backward, fine, c.scale);
}

/// Does the difference to what is beside it not shrink with the step?
bool at_jump(FiniteDifference const& coarse, FiniteDifference const& fine) {
    double const far = coarse.gap + std::abs(coarse.central), near = fine.gap + std::abs(fine.central),
                 growth = near / far;
    return fine.finite() && growth > 0.8 * ratio && growth < 1.2 * ratio && near > 100 * fine.noise;
}

/// Of smooth functions, the gap over half the step is half as large.
bool looks_like_kink(FiniteDifference const& s, double least) {
    return s.finite() && s.gap > 0.75 * s.wide_gap && s.gap > 1e-4 * std::abs(s.central) + least + 4 * s.noise;
}

class Judging {
public:
    Judging(std::vector<Claim> const& claims, Tolerance const& tolerance) : claims_(claims), tolerance_(tolerance) {}

    Judgement run(Steps steps, std::function<FiniteDifferences(double)> const& slopes) {
        step_ = steps.first;
        seen_.push_back(slopes(step_));
        for (std::size_t i = 0; i < claims_.size(); ++i)
            if (!first(i, seen_[0][i])) open_.push_back(i);
        for (std::size_t finer = 1; !open_.empty(); ++finer) {
            step_ /= ratio;
            bool const last = step_ / ratio < steps.least && finer >= near_;
            seen_.push_back(slopes(step_));
            std::erase_if(open_, [&](std::size_t i) { return decide(i, finer >= near_, last); });
        }
        return out_;
    }

private:
    bool found(Agreement v, std::size_t i, double numeric, char const* remark = "") {
        out_.take({v, i, claims_[i].backward, numeric, relative_error(claims_[i].backward, numeric), remark, step_});
        return true;
    }

    /// Zero but for rounding: the error is relative to the other gradients of the row.
    bool nothing(std::size_t i, double numeric) {
        Claim const& c = claims_[i];
        if (c.backward == 0) numeric = 0;
        out_.take({Agreement::zero, i, c.backward, numeric, c.scale > 0 ? std::abs(c.backward - numeric) / c.scale : 0,
                   "", step_});
        return true;
    }
    bool first(std::size_t i, FiniteDifference const& s) {
        if (!std::isfinite(claims_[i].backward))
            return found(Agreement::not_finite, i, s.central, "the backward value is not finite");
        return !looks_like_kink(s, tolerance_.absolute * claims_[i].scale) && accept(i, s, false);
    }

    /// If the values are as near as can be told: how well can that be told?
    bool accept(std::size_t i, FiniteDifference const& s, bool last) {
        Claim const& c = claims_[i];
        if (!tolerance_.close(c.backward, s, c.scale)) return false;
        double const slack = tolerance_.slack(s, c.scale);
        if (std::abs(c.backward) <= 8 * std::numeric_limits<double>::epsilon() * c.scale &&
            std::abs(s.central) <= slack)
            return nothing(i, s.central);
        double const size = std::max(std::abs(c.backward), std::abs(s.central));
        bool const equal  = tolerance_.equal(c.backward, s.central);
        if (equal && slack <= tolerance_.relative * size) return found(Agreement::right, i, s.central);
        if (equal || slack < size / 10) return found(Agreement::coarse, i, s.central);
        return (!s.wide || last) && found(Agreement::hidden, i, s.central, "hidden by rounding");
    }

    bool decide(std::size_t i, bool near, bool last) {
        Claim const& c                 = claims_[i];
        FiniteDifference const &coarse = seen_[seen_.size() - 2][i], &fine = seen_.back()[i], &first = seen_[0][i];
        bool const settled = agree(c, coarse, fine), as_said = tolerance_.close(c.backward, fine, c.scale);
        bool const doubtful = vanished(i, fine) || (settled && blurred(i, fine));
        last                = last || drowned(c, fine) || doubtful;
        if ((settled || as_said || near) && significant(c, fine) && at_kink(c, coarse, fine, tolerance_))
            return found(Agreement::kink, i, fine.central);
        if ((as_said || last) && significant(c, fine) && at_jump(coarse, fine)) return beside(Agreement::jump, i);
        if (tolerance_.close(c.backward, first, c.scale)) return accept(i, first, last);  // it only looked like a kink
        if (accept(i, fine, last)) return true;
        if (settled && !doubtful)
            return (!fine.changed && contradicted(i)) || found(Agreement::wrong, i, coarse.central);
        return last && (contradicted(i) || beside(Agreement::edge, i));
    }
    bool agree(Claim const& c, FiniteDifference const& coarse, FiniteDifference const& fine) const {
        double const slack = tolerance_.absolute * c.scale + (fine.wide ? 0 : fine.noise);
        return tolerance_.equal(coarse.central, fine.central) || std::abs(coarse.central - fine.central) <= slack;
    }
    /// Enough for a kink?  Where the values agree, rounding within the function must not look like one.
    bool significant(Claim const& c, FiniteDifference const& s) const {
        return !tolerance_.close(c.backward, s, c.scale) || s.gap > 1e-4 * std::abs(s.central);
    }
    static bool drowned(Claim const& c, FiniteDifference const& s) {
        return s.finite() && s.noise > std::max(std::abs(c.backward), std::abs(s.central)) / 10;
    }
    /// Has a change that was about as it should be disappeared in the rounding of something within the function?
    bool vanished(std::size_t i, FiniteDifference const& s) const {
        double const b = claims_[i].backward;
        return !s.changed && std::any_of(seen_.begin(), seen_.end(), [&](FiniteDifferences const& at) {
            return at[i].changed &&
                   (std::abs(b) <= tolerance_.absolute || std::abs(at[i].central - b) <= 0.3 * std::abs(b));
        });
    }
    /// Was a wider slope nearer to what is said?  Then the slopes agree by chance, as those of a difference of few roundings may.
    bool blurred(std::size_t i, FiniteDifference const& s) const {
        double const b = claims_[i].backward, off = std::abs(s.central - b);
        return std::any_of(seen_.begin(), seen_.end(), [&](FiniteDifferences const& at) {
            return std::abs(at[i].central - b) <= std::min(1e-2 * std::abs(b), off / 2);
        });
    }
    /// Where rounding within the function blurs the slopes of three steps: are they yet nearer to each other than to what is said?
    bool contradicted(std::size_t i) {
        for (std::size_t k = 0; k + 2 < seen_.size(); ++k) {
            double const a = seen_[k][i].central, b = seen_[k + 1][i].central, c = seen_[k + 2][i].central;
            double const blur = std::max(std::abs(a - b), std::abs(b - c));
            if (blur < 0.2 * std::abs(b))
                return std::abs(claims_[i].backward - a) > 5 * blur && found(Agreement::wrong, i, a);
        }
        return false;
    }

    /// At a place without two slopes, the backward value is wrong if there is one and it is another.
    bool beside(Agreement v, std::size_t i) {
        Claim const& c                 = claims_[i];
        FiniteDifference const &coarse = seen_[seen_.size() - 2][i], &fine = seen_.back()[i],
                               &wide = seen_[std::min(near_, seen_.size() - 1)][i];
        auto const rough             = [&](double a, double b, double noise) {
            return std::abs(a - b) <= 1e-3 * std::max(std::abs(a), std::abs(b)) + 1e-6 * c.scale + 4 * noise;
        };
        bool const below     = rough(coarse.below, fine.below, fine.noise),
                   above     = rough(coarse.above, fine.above, fine.noise);
        double const nearest = below ? fine.below : fine.above, nearer = below ? wide.below : wide.above;
        bool const same   = rough(nearer, nearest, fine.noise);  // then the wider is rounded less
        double const side = same ? nearer : nearest, noise = same ? wide.noise : fine.noise;
        if ((v == Agreement::jump || !fine.finite()) && below != above && !rough(c.backward, side, noise))
            return found(Agreement::wrong, i, side, "the slope of the side that it belongs to is another");
        if (v == Agreement::jump) return found(v, i, fine.central);
        if (c.backward == 0 && std::abs(fine.central) <= tolerance_.absolute) return nothing(i, 0);
        return found(v, i, fine.central,
                     fine.finite() ? "the function is too curved, or rounded too much"
                                   : "the function is not finite beside it");
    }

    static constexpr std::size_t near_ =
        5;  // smaller steps, after which a kink is taken for one though the slope still changes

    std::vector<Claim> const& claims_;
    Tolerance const& tolerance_;
    std::vector<FiniteDifferences> seen_;  // by step
    double step_ = 0;
    std::vector<std::size_t> open_;
    Judgement out_;
};

}  // namespace

Judgement judge(std::vector<Claim> const& claims, Steps steps, std::function<FiniteDifferences(double)> const& slopes,
                Tolerance const& tolerance) {
    return Judging(claims, tolerance).run(steps, slopes);
}

}  // namespace unspool::core
