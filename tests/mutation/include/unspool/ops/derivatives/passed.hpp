// Takes the place of ops/derivatives/passed.hpp, and makes the recorded adjoint wrong that UNSPOOL_MUTANT names.
#pragma once
#include <mutation/mutant.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

inline Contribution passed(std::string_view rule, std::size_t k, Contribution const& c) {
    mutation::Mutant const m = mutation::recorded_mutant_of(rule);
    if (!m.hits(k)) return c;
    double const factor = mutation::wrong_factor(m);
    return c.is_product() ? Contribution::product(Var(c.a * factor), c.b) : Contribution(Var(c.value * factor));
}

}  // namespace unspool::core
