// Directions of all parameters of a model, end to end, as `Params::flatten` has the parameters: 0 where nothing is trained.
#pragma once
#include <unspool/ops/derivatives/products.hpp>
#include <vector>

namespace unspool::core::flat {

using Numbers = std::vector<double>;

double dot(Numbers const& a, Numbers const& b);
Numbers along(Numbers a, double s, Numbers const& b);  ///< a + s b
/// Of what `lifted`, `gradient` and `hvp` have one Var each.
Numbers from(Vars const&, Params const&);
Vars onto(Tape&, Params const&, Numbers const&);

}  // namespace unspool::core::flat
