// How the results of a function change along a line: what a gradient check compares gradients with.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace unspool {

using Numbers = std::vector<double>;

/// What of a result is differentiated: its elements one by one, each times its weight, and then a weighted sum of all.
struct Weights {
    Numbers     each, all;  // `each` may be empty
    std::size_t rows() const { return each.size() + 1; }
    double      single(std::size_t row) const { return row < each.size() ? each[row] : 1; }
};

/// One row's slope along a line.
struct Slope {
    double central = 0;
    double gap     = 0;  // between the slopes at both sides, summed over the elements of the result
    double noise   = 0;  // what rounding may have done
    bool   finite() const { return std::isfinite(central); }
};
using Slopes = std::vector<Slope>;

/// A function's result here, and at four places of a line, at distances near -h, -h/2, h/2 and h.
struct Stencil {
    Numbers const*         here;
    std::array<Numbers, 4> y;
    std::array<double, 4>  at;

    /// Of one element.  Central differences over h and h/2; where they differ by more than rounding explains, one step of
    /// Richardson's extrapolation removes what their error has in common.
    Slope slope(std::size_t element) const;
    /// With second-order differences of one side: -1 or 1.
    double one_sided(std::size_t element, int side) const;
};

Slopes slopes(Weights const&, Stencil const&);

/// When a value is right.
struct Tolerance {
    double relative, absolute;

    double allowed(double a, double b, double noise) const {
        return std::max(relative * std::max(std::abs(a), std::abs(b)), absolute + noise);
    }
    bool   close(double a, Slope const& s) const { return std::abs(a - s.central) <= allowed(a, s.central, s.noise); }
    double error(double a, Slope const& s) const;  ///< relative; infinite where something is not finite
};

enum class Verdict { right, kink, wrong, not_finite };  // the worse, the later

/// The worst of the rows, and its verdict.
struct Judgement {
    Verdict     verdict  = Verdict::right;
    std::size_t row      = 0;
    double      backward = 0, numeric = 0, error = -1;
    char const* remark = "";
    double      step   = 0;  // at which it fell

    void take(Judgement const& other) {
        if (other.verdict > verdict || (other.verdict == verdict && other.error > error)) *this = other;
    }
};

/// Are the backward values right, one a row?  Where they differ from slopes(step), the step shrinks for as long as the slope
/// changes with it: then a kink, a pole or the end of the domain is near.
Judgement judge(Numbers const& backward, double step, std::function<Slopes(double step)> const& slopes, Tolerance const&);

}  // namespace unspool
