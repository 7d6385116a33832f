// Random arrays with short last axes, and what is computed of them: written for PyTorch, too.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <unspool.hpp>
#include <vector>

namespace bench {

using Dimensions = std::vector<std::size_t>;
using Function   = std::function<unspool::Var(std::vector<unspool::Var> const&)>;

/// What is computed of inputs of some shapes.
struct Computation {
    std::vector<Dimensions> shapes;
    Function f;
    std::string torch;  // the same, of x, y

    std::string text() const;  ///< "[16,64,4] [16,64,1] x*y"
};

/// A computation, and what it is measured by: as many numbers in a shape that loops like.
struct ShortCase {
    std::string kind;  // "a statement"
    Computation odd, usual;
};

/// Shapes that cells have, all of the kind "typical": products of arrays of which one repeats, and operations on short lists.
std::vector<ShortCase> typical_cases();

/// So many of each kind: about 4,096 numbers along up to five axes, of which the last two are 1 to 64 long.
std::vector<ShortCase> short_cases(std::uint64_t seed, int of_each);

}  // namespace bench
