// A number by which data are told from other data.
#pragma once
#include <bit>
#include <cstdint>
#include <unspool/nn/data/sequence.hpp>

namespace unspool::core {

/// Of all that was added, in order, on every machine alike.  Where one number is another, so is this; else data are taken
/// for others once in 2⁶⁴ by chance.
class Fingerprint {
public:
    std::uint64_t value() const { return hash_; }

    void add(std::uint64_t x) {
        hash_ = (hash_ ^ x) * 0x9e3779b97f4a7c15;
        hash_ ^= hash_ >> 29;
    }
    void add(Index x) { add(static_cast<std::uint64_t>(x)); }
    void add(double x) { add(std::bit_cast<std::uint64_t>(x)); }
    void add(float x) { add(static_cast<double>(x)); }
    void add(NoTarget) {}
    void add(Symbols const& xs) { add_all(xs); }
    template <Real T> void add(Outcomes<T> const& xs) { add_all(xs); }
    template <Real T> void add(Features<T> const& xs) {
        add(static_cast<Index>(xs.shape(0)));
        add_all(xs);
    }

private:
    template <class X> void add_all(X const& xs) {
        add(static_cast<std::uint64_t>(xs.size()));
        for (auto const x : xs) add(x);
    }

    std::uint64_t hash_ = 0;
};

}  // namespace unspool::core
