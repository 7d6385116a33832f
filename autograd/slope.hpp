// How the result of a function changes along a line: what a gradient check compares gradients with.
#pragma once
#include <cmath>
#include <span>
#include <string>
#include <unspool/autograd/gradcheck.hpp>
#include <vector>

namespace unspool {

using Numbers = std::vector<double>;

/// The elements of an xtensor expression, row-major.
template <class X> Numbers numbers(X const& x) {
    return {x.template begin<xt::layout_type::row_major>(), x.template end<xt::layout_type::row_major>()};
}

/// An input or a parameter: as it was given, and as the function meets it.
struct Point {
    std::string       name;
    Shape             shape;
    Param const*      param;  // null for an input
    Numbers           given;
    std::span<double> now;  // padded, as a tape wants it

    Point(Arena&, std::string name, Shape const&, Param const*, Numbers);
    void  restore();
    Index size() const { return static_cast<Index>(given.size()); }
};

/// A line through a point: along one element, or in a direction.
struct Line {
    Point*      point;
    std::string at;
    std::size_t element;
    Numbers     direction;  // empty for an element

    double unit() const;                 ///< the length that counts as 1
    double move(double h) const;         ///< moves the point from where it was given; returns how far, after rounding
    double dot(Numbers const& g) const;  ///< of the gradient by all elements, the part along the line
};

/// A function, the point that it is evaluated at, and the tape that it is evaluated on.
class Probed {
public:
    Probed(Differentiable const&, std::vector<GradInput> const&, Params const*);

    std::vector<Point>& points() { return points_; }
    Tape&               tape() { return tape_; }

    Var                  record();  ///< rewinds the tape
    Numbers              result() { return numbers(record().value<double>()); }
    std::vector<Numbers> nodes();  ///< the values of all nodes
    /// The gradients of sum(seed * y) by each point; `y` was recorded last.
    std::vector<Numbers> gradients(Var const& y, Numbers const& seed);

private:
    Differentiable const& f_;
    Arena                 memory_;
    std::vector<Point>    points_;
    Tape                  tape_{float64};
    std::vector<Var>      xs_;
};

/// The slope of sum(weights * y) along a line.
struct Slope {
    double central = 0;
    double gap     = 0;  // between the slopes at both sides, summed over the elements of y
    double noise   = 0;  // what rounding may have done
    bool   finite() const { return std::isfinite(central); }
};

/// From y at a distance `back` < 0, here, and at a distance `ahead`.
Slope slope(Numbers const& weights, Numbers const& before, Numbers const& here, Numbers const& behind, double back, double ahead);

}  // namespace unspool
