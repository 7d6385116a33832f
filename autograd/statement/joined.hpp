// What is known of each operation of a formula's type, in the order of its tokens: an array made of those of its parts.
#pragma once
#include <array>
#include <cstddef>

namespace unspool::core {

template <class T, std::size_t... N> constexpr auto joined(T const& last, std::array<T, N> const&... parts) {
    std::array<T, (N + ... + 1)> out{};
    std::size_t i = 0;
    (..., [&](auto& part) {
        for (T const& t : part) out[i++] = t;
    }(parts));
    out[i] = last;
    return out;
}

}  // namespace unspool::core
