// Finds slopes, and judges backward values by them.
#include <algorithm>
#include <limits>
#include <unspool/autograd/slope.hpp>

namespace unspool {

namespace {
constexpr double roundings = 32;  // of an element of a result: more than most have
constexpr double rounding  = roundings * std::numeric_limits<double>::epsilon();
}  // namespace

Slope Stencil::slope(std::size_t i) const {
    double const y0 = (*here)[i];
    if (std::all_of(y.begin(), y.end(), [&](Numbers const& v) { return v[i] == y0; })) return {};  // no change, no noise
    double const wide = (y[3][i] - y[0][i]) / (at[3] - at[0]), narrow = (y[2][i] - y[1][i]) / (at[2] - at[1]);
    double const gap   = std::abs((y[2][i] - y0) / at[2] - (y[1][i] - y0) / at[1]);
    double const noise = std::abs(y0) * rounding / (at[2] - at[1]);
    bool const   helps = !(std::abs(wide - narrow) <= noise / 8);  // else the wider one is rounded less
    return {helps ? (4 * narrow - wide) / 3 : wide, gap, noise};
}

double Stencil::one_sided(std::size_t i, int side) const {
    std::size_t const near = side < 0 ? 1 : 2, far = side < 0 ? 0 : 3;
    return (4 * (y[near][i] - (*here)[i]) - (y[far][i] - (*here)[i])) / at[far];
}

Slopes slopes(Weights const& w, Stencil const& stencil) {
    Slopes out(w.rows());
    Slope& sum = out.back();
    for (std::size_t i = 0; i < stencil.here->size(); ++i) {
        Slope const  s = stencil.slope(i);
        double const a = w.all[i], b = std::abs(a);
        sum = {sum.central + a * s.central, sum.gap + b * s.gap, sum.noise + b * s.noise};
        if (!w.each.empty()) out[i] = {w.each[i] * s.central, std::abs(w.each[i]) * s.gap, std::abs(w.each[i]) * s.noise};
    }
    return out;
}

double Tolerance::error(double a, Slope const& s) const {
    if (!std::isfinite(a) || !s.finite()) return std::numeric_limits<double>::infinity();
    return std::abs(a - s.central) / (allowed(a, s.central, s.noise) / relative);
}

namespace {

/// Do the slopes at both sides differ, no matter how near one looks, and is the backward value between them?
bool at_kink(double backward, Slope const& coarse, Slope const& fine, Tolerance const& t) {
    bool const persists = fine.finite() && fine.gap > coarse.gap / 2 && fine.gap > t.absolute + 4 * fine.noise;
    return persists && std::abs(backward - fine.central) <= fine.gap / 2 + t.allowed(backward, fine.central, fine.noise);
}

class Judging {
public:
    Judging(Numbers const& backward, Tolerance const& tolerance) : backward_(backward), tolerance_(tolerance) {}

    Judgement run(double step, std::function<Slopes(double)> const& slopes) {
        Slopes coarse = slopes(step);
        for (std::size_t i = 0; i < backward_.size(); ++i)
            if (!first(i, coarse[i], step)) open_.push_back(i);
        for (int finer = 5; finer-- > 0 && !open_.empty();) {
            step /= 10;
            Slopes fine = slopes(step);
            std::erase_if(open_, [&](std::size_t i) { return decide(i, coarse[i], fine[i], step, finer == 0); });
            coarse = std::move(fine);
        }
        return out_;
    }

private:
    bool found(Verdict v, std::size_t i, Slope const& s, double step, char const* remark = "") {
        out_.take({v, i, backward_[i], s.central, tolerance_.error(backward_[i], s), remark, step});
        return true;
    }
    bool first(std::size_t i, Slope const& s, double step) {
        if (!std::isfinite(backward_[i])) return found(Verdict::not_finite, i, s, step, "the backward value is not finite");
        return tolerance_.close(backward_[i], s) && found(Verdict::right, i, s, step);
    }
    bool decide(std::size_t i, Slope const& coarse, Slope const& fine, double step, bool last) {
        double const b       = backward_[i];
        bool const   settled = tolerance_.close(coarse.central, fine);
        if (tolerance_.close(b, fine)) return found(Verdict::right, i, fine, step);
        if ((settled || last) && at_kink(b, coarse, fine, tolerance_)) return found(Verdict::kink, i, fine, step);
        if (settled) return found(Verdict::wrong, i, coarse, step);
        if (!last) return false;
        return fine.finite() ? found(Verdict::wrong, i, fine, step)
                             : found(Verdict::not_finite, i, fine, step, "the function is not finite beside it");
    }

    Numbers const&           backward_;
    Tolerance const&         tolerance_;
    std::vector<std::size_t> open_;
    Judgement                out_;
};

}  // namespace

Judgement judge(Numbers const& backward, double step, std::function<Slopes(double)> const& slopes, Tolerance const& tolerance) {
    return Judging(backward, tolerance).run(step, slopes);
}

}  // namespace unspool
