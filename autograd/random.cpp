// The distributions.
#include <cmath>
#include <numbers>
#include <unspool/autograd/random.hpp>

namespace unspool {

double Random::normal() {
    double const radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is never zero
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::uint64_t Random::below(std::uint64_t n) {
    std::uint64_t const fair = engine_.max() - engine_.max() % n;  // draws from here on would favour small numbers
    std::uint64_t       draw = engine_();
    while (draw >= fair) draw = engine_();
    return draw % n;
}

}  // namespace unspool
