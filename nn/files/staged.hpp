// A change that is ready, and cannot fail any more.
#pragma once
#include <functional>
#include <unspool/autograd/params.hpp>
#include <unspool/nn/files/safetensors.hpp>

namespace unspool {

using Staged = std::function<void()>;

/// The elements of a tensor, of the parameter's count, in memory of their own; what is returned copies them to the parameter.
Staged staged(Param&, Safetensors const&, StoredTensor const&);
/// The same of an array.
Staged staged(Param&, xt::xarray<double> const&);

}  // namespace unspool
