// The checks that layers and optimisers share, and the wording of their errors.
#pragma once
#include <limits>
#include <string_view>
#include <unspool/autograd/params.hpp>
#include <unspool/autograd/where.hpp>

namespace unspool {

/// ValueError unless `n` is at least 1: "model.cpp:12: Lstm encoder.lstm: hidden is 0, but must be at least 1".
void require_size(std::string_view layer, Params const&, std::string_view size, Index n, Where);

/// ValueError unless low <= x and x < high.  `range` says so in words: "in [0, 1)".
void require_number(std::string_view owner, std::string_view name, double x, double low, double high, std::string_view range, Where);

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// ValueError unless x is finite and not negative.
inline void require_not_negative(std::string_view owner, std::string_view name, double x, Where where) {
    require_number(owner, name, x, 0, infinity, "finite and not negative", where);
}

}  // namespace unspool
