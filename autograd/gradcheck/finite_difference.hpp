// How the results of a function change along a line: what a gradient check compares gradients with.
#pragma once
#include <array>
#include <cmath>
#include <functional>
#include <vector>

namespace unspool::core {

class Random;

using Numbers = std::vector<double>;

/// What of a result is differentiated, in rows: its elements one by one, each times its weight; a sum in which all count alike; and one in
/// which large values count less.
struct Weights {
    Numbers each, all, alike = {};  // but for the second, these may be empty
    std::size_t rows() const { return each.size() + !alike.empty() + 1; }
    bool is_single(std::size_t row) const { return row < each.size(); }
    bool is_aside(std::size_t row) const { return !alike.empty() && row == each.size(); }
    double single(std::size_t row) const { return is_single(row) ? each[row] : 1; }
    /// Of each element of the result.
    Numbers of(std::size_t row) const;
};

/// Random sizes, none near 0, with random signs.
Numbers random_weights(Random&, std::size_t n);
/// Weights for a sum of these values, at random.  Those of values that are more than a thousand times as large as most are down to
/// 1e-4 as large: the changes of all others would be lost in their rounding, and their own may be, as beside a mask of -1e9.  What is
/// not finite has none.
Numbers random_weights(Random&, Numbers const& values);

/// The part of a value that the roundings of its computation may change: more than most have.
inline constexpr double rounding = 32 * 2.220446049250313e-16;

/// One row's slope along a line.
struct FiniteDifference {
    double central = 0;
    double below = 0, above = 0;  // of one side
    double bend   = 0;            // the second derivative
    double gap    = 0;            // between the slopes at both sides, summed over the elements of the result
    double uneven = 0;  // how far the near and the far values are from one parabola and one line, as a slope: of a kink
    double spread = 0;  // of the slope, by that
    double noise  = 0;  // what rounding may have done
    int still     = 0;  // elements of the result that do not change
    double asleep = 0;  // what these may do without its being seen: a rounding or two of each
    bool changed  = false;  // does the result differ from what it is here?
    bool wide     = false;  // does it change by as much as it is?  Then a smaller step may tell more
    bool finite() const { return std::isfinite(central); }
    double error() const { return spread + noise; }  // of the central slope, or what is more

    void add(double weight, FiniteDifference const&);
};
using FiniteDifferences = std::vector<FiniteDifference>;

/// A function's result here, and at four places of a line, far and near at both sides.
struct Stencil {
    Numbers const* here;
    std::array<Numbers, 4> y;
    std::array<double, 4> at;

    /// Of one element.  Central differences over both distances; where they differ by more than rounding explains, one step of
    /// Richardson's extrapolation removes what their error has in common.
    FiniteDifference slope(std::size_t element) const;
    /// With second-order differences of one side: -1 or 1.
    double one_sided(std::size_t element, int side) const;

private:
    double difference(std::size_t element, std::size_t place) const {
        return (y[place][element] - (*here)[element]) / at[place];
    }
};

/// What does not change over a distance: nothing, or what is rounded, or constant between jumps.
enum class Rest { none, rounded, unclear, constant };

/// A function along a line.
struct Profile {
    Numbers const& here;
    Weights const& weights;
    std::function<Numbers(double& distance)> value;        // which it rounds, as inputs are
    std::function<Rest(double still, double moved)> rest;  // over one, though over the other; none: unclear

    Stencil stencil(double step) const;
    FiniteDifferences around(double step) const;
    /// By one value more; only the central slope, which is of one side, and what rounding did to it.
    FiniteDifferences beside(double step) const;
};

}  // namespace unspool::core
