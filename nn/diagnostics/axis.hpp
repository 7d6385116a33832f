// An axis of a plot: which numbers it covers, and where its ticks are.
#pragma once
#include <string>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace unspool::core {

struct Tick {
    double place;  ///< from 0 to 1 along the axis
    std::string text;
};

class Axis {
public:
    enum Kind : std::uint8_t { linear, logarithmic, whole };  ///< whole: ticks are at integers

    /// Covers what there is from `low` to `high`, which are finite, and for a logarithmic one above 0; where they are one number, some
    /// more around it.
    Axis(Kind, double low, double high);

    double place(double x) const;               ///< from 0 to 1
    std::vector<Tick> ticks(Index most) const;  ///< so many at most, or some more between two decades; the texts differ

private:
    double height(double x) const;
    std::vector<Tick> decades(Index most) const;

    Kind kind_;
    double low_, high_;  // of a logarithmic one, as log₁₀
};

}  // namespace unspool::core
