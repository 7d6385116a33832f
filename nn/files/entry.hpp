// One value that a checkpoint keeps.
#pragma once
#include <unspool/nn/files/fields.hpp>
#include <variant>

namespace unspool::core {

/// A whole number that may be restored to [low, high] only.
struct BoundedIndex {
    Index* at;
    Index low, high;
};

/// One value of an object, where it lives.
using Field = std::variant<Param*, double*, BoundedIndex, std::uint64_t*, std::string*, std::vector<double>*,
                           std::vector<Index>*, Random*>;

struct Entry {
    std::string path;  // "optimiser.rate"
    Field field;
};

}  // namespace unspool::core
