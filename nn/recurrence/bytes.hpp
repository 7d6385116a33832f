// Amounts of memory.
#pragma once
#include <compare>
#include <cstddef>

namespace unspool::core {

/// So many bytes: `64_MB`.
struct Bytes {
    std::size_t count = 0;  ///< how many

    auto operator<=>(Bytes const&) const = default;  ///< by number
};

inline namespace literals {

constexpr Bytes operator""_kB(unsigned long long n) { return {static_cast<std::size_t>(n) * 1'000}; }  ///< 1000 bytes
constexpr Bytes operator""_MB(unsigned long long n) {
    return {static_cast<std::size_t>(n) * 1'000'000};
}  ///< 10⁶ bytes
constexpr Bytes operator""_GB(unsigned long long n) {
    return {static_cast<std::size_t>(n) * 1'000'000'000};
}  ///< 10⁹ bytes

}  // namespace literals

}  // namespace unspool::core

namespace unspool {

using core::Bytes, core::operator""_kB, core::operator""_MB, core::operator""_GB;

}  // namespace unspool
