// Random numbers that are the same with every compiler and standard library: the engine is std::mt19937_64, whose
// stream the standard fixes; the distributions are ours, because the standard leaves theirs open.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace unspool::core {

class Random {
public:
    explicit Random(std::uint64_t seed);  ///< one seed, one stream of numbers, on every machine
    Random(Random const&);                // a copy draws the same numbers
    Random& operator=(Random const&);
    ~Random();

    /// Uniform on [0, 1): the upper 53 bits of a draw.
    double uniform();
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// Standard normal, by Box and Muller (1958).
    double normal();
    /// ±[0.5, 1.5): weights that are not near zero and of which no two are alike, so that nothing cancels.
    double weight() { return (uniform() < 0.5 ? -1 : 1) * uniform(0.5, 1.5); }
    /// Uniform on {0, …, n-1}, for n > 0.
    std::uint64_t below(std::uint64_t n);

    /// Where the stream is, as text: numbers with a space between them.
    std::string state() const;
    /// Goes on from there.  ValueError, and no change, unless `text` is exactly what state() gave, with the same standard library.
    void state(std::string_view text);

    bool operator==(Random const&) const;  ///< the same numbers from here on

    std::weak_ptr<void const> life() const;  ///< expires with it

private:
    struct Engine;  // <random> would cost every user a tenth of a second
    std::unique_ptr<Engine> engine_;
};

}  // namespace unspool::core

namespace unspool {

using core::Random;

}  // namespace unspool
