// Where the numbers go wrong: the first value on a tape that is NaN, infinite or too large.
#pragma once
#include <iosfwd>
#include <limits>
#include <optional>
#include <string>
#include <unspool/autograd/tape/site.hpp>
#include <vector>

namespace unspool::core {

/// What the elements of an array are between.
struct ValueRange {
    double low  = std::numeric_limits<double>::infinity();   ///< the least of those that are finite
    double high = -std::numeric_limits<double>::infinity();  ///< and the greatest
    /// Elements in all, and of these, those that are NaN, and those that are infinite.
    Index count = 0, nan = 0, infinite = 0;
};
std::string text(ValueRange const&);  ///< "from -3.1 to 812, 2 of 8 NaN"

struct BadValue {
    /// What went into the operation that made it.
    struct Operand {
        std::string name;  ///< what it is called
        Shape shape;       ///< of its value
        ValueRange range;  ///< of its elements
    };
    Site site;                      ///< statement, source line, module path and time step
    Shape shape;                    ///< of the value
    std::string at;                 ///< of the first bad element: "[0,3]"; "" of a scalar
    double value = 0;               ///< its value
    Index bad    = 0;               ///< how many there are
    double bound = 0;               ///< above which they count as bad
    ValueRange range;               ///< of all elements of the value
    std::vector<Operand> operands;  ///< of many, the first few, the first bad one and the last
    std::size_t left_out = 0;       ///< how many others there are
};

/// "lstm.cpp:23: c = f * c0 + exp(z) is inf at [0,3], as are 2 of 8 elements, in encoder.lstm, time step 37", then the operands and
/// what they are between, a line each.
std::string text(BadValue const&);
std::ostream& operator<<(std::ostream&, BadValue const&);  ///< as text() says it

/// The first node, in the order of recording, with an element that is NaN, infinite, or of a magnitude above `bound`; inputs,
/// constants and parameters are nodes too.  ValueError if the bound is negative or NaN.
std::optional<BadValue> first_bad_value(Tape const&, double bound = std::numeric_limits<double>::infinity());
/// Of this node, if it has one.
std::optional<BadValue> bad_value(Tape const&, NodeId, double bound);

}  // namespace unspool::core

namespace unspool {

using core::BadValue, core::ValueRange, core::bad_value, core::first_bad_value;

}  // namespace unspool
