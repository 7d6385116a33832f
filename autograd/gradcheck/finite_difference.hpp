// How the results of a function change along a line: what a gradient check compares gradients with.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace unspool::core {

using Numbers = std::vector<double>;

/// What of a result is differentiated: its elements one by one, each times its weight, and then a weighted sum of all.
struct Weights {
    Numbers each, all;  // `each` may be empty
    std::size_t rows() const { return each.size() + 1; }
    double single(std::size_t row) const { return row < each.size() ? each[row] : 1; }
};

/// One row's slope along a line.
struct FiniteDifference {
    double central = 0;
    double below = 0, above = 0;  // of one side
    double gap      = 0,
           wide_gap = 0;  // between the slopes at both sides, summed over the elements of the result; over h/2, and h
    double noise    = 0;  // what rounding may have done
    bool changed    = false;  // does the result differ from what it is here?
    bool wide       = false;  // does it change by as much as it is?  Then a smaller step may tell more
    bool finite() const { return std::isfinite(central); }

    void add(double weight, FiniteDifference const&);
};
using FiniteDifferences = std::vector<FiniteDifference>;

/// A function's result here, and at four places of a line, at distances near -h, -h/2, h/2 and h.
struct Stencil {
    Numbers const* here;
    std::array<Numbers, 4> y;
    std::array<double, 4> at;

    /// Of one element.  Central differences over h and h/2; where they differ by more than rounding explains, one step of
    /// Richardson's extrapolation removes what their error has in common.
    FiniteDifference slope(std::size_t element) const;
    /// With second-order differences of one side: -1 or 1.
    double one_sided(std::size_t element, int side) const;
};

FiniteDifferences slopes(Weights const&, Stencil const&);

/// The part of a value that the roundings of its computation may change: more than most have.
inline constexpr double rounding = 32 * 2.220446049250313e-16;

/// When a value is right: within `relative` of the larger one.  One that is not, but differs by less than `absolute` times the
/// scale of the gradients and what rounding explains, is not wrong.
struct Tolerance {
    double relative, absolute;

    bool equal(double a, double b) const { return std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b)); }
    double slack(FiniteDifference const& s, double scale) const { return absolute * scale + s.noise; }
    double allowed(double a, FiniteDifference const& s, double scale) const {
        return std::max(relative * std::max(std::abs(a), std::abs(s.central)), slack(s, scale));
    }
    bool close(double a, FiniteDifference const& s, double scale) const {
        return std::abs(a - s.central) <= allowed(a, s, scale);
    }
};

/// Of the values in a row of the Jacobian, or else of the results: what `absolute` is relative to, if it is below 1.
double scale_of(double largest_gradient, double largest_result);

/// |a - b| by the larger one; infinite where one is not finite.
double relative_error(double a, double b);

/// A row that cannot be judged is `hidden` where rounding hides it, `edge` where no step is small enough; a `coarse` one is judged
/// less exactly than others.  The later win, if the rows of an element differ.
enum class Agreement { zero, hidden, coarse, right, edge, kink, jump, wrong, not_finite };

/// The verdict over a line, and the worst of the rows that have it.
struct Judgement {
    Agreement verdict = Agreement::zero;
    std::size_t row   = 0;
    double backward = 0, numeric = 0, error = -1;
    char const* remark = "";
    double step        = 0;  // at which it fell

    bool right() const {
        return verdict == Agreement::zero || verdict == Agreement::coarse || verdict == Agreement::right;
    }
    bool unresolved() const { return verdict == Agreement::hidden || verdict == Agreement::edge; }
    bool kink() const { return verdict == Agreement::kink || verdict == Agreement::jump; }
    bool wrong() const { return verdict >= Agreement::wrong; }
    void take(Judgement const& other) {
        if (other.verdict > verdict || (other.verdict == verdict && other.error > error)) *this = other;
    }
};

/// What backward() says of a row, and the scale of the gradients in it.
struct Claim {
    double backward, scale;
};

/// The step to begin with, and the least that makes sense.
struct Steps {
    double first, least;
};
Steps steps_at(double step, double unit, double value);

/// Are the backward values right, one a row?  Where they differ from slopes(step), the step shrinks for as long as the slope
/// changes with it: then a kink, a jump, a pole or the end of the domain is near.
Judgement judge(std::vector<Claim> const&, Steps, std::function<FiniteDifferences(double step)> const& slopes,
                Tolerance const&);

}  // namespace unspool::core
