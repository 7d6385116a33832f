// A change that is ready, and cannot fail any more.
#pragma once
#include <functional>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/files/safetensors.hpp>

namespace unspool::core {

using PendingWrite = std::function<void()>;

/// The elements of a tensor, of the parameter's count, in memory of their own; what is returned copies them to the parameter.
PendingWrite pending_write(Param&, Safetensors const&, StoredTensor const&);
/// The same of an array.
PendingWrite pending_write(Param&, xt::xarray<double> const&);

}  // namespace unspool::core
