// The minimum of a quadratic model by products with its curvature: Martens, "Deep learning via Hessian-free optimization" (2010).
#pragma once
#include <functional>
#include <unspool/nn/optim/flat.hpp>

namespace unspool::core {

/// What a search came by.
struct ConjugateGradients {
    std::vector<flat::Numbers> directions;  ///< some on the way, the last one at the end
    std::vector<double> models;             ///< g·d + d·A d / 2 of the first and after each product
    Index products;                         ///< with A

    flat::Numbers const& last() const { return directions.back(); }  ///< where the search ended
};

/// Towards the d with A d = −g, from a start, where `product` multiplies with A, which should be positive definite: a Gauss–Newton matrix
/// and some damping.  It ends after so many products, or where the last tenth of them gained next to nothing (section 4.4).  A curvature
/// that is not above 0 ends it as well.
ConjugateGradients conjugate_gradients(flat::Numbers const& g,
                                       std::function<flat::Numbers(flat::Numbers const&)> const& product,
                                       flat::Numbers start, Index most = 60);

}  // namespace unspool::core

namespace unspool {

using core::conjugate_gradients, core::ConjugateGradients;

}  // namespace unspool
