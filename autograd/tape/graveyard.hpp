// Parameters whose model is gone.
#pragma once
#include <memory>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

/// Keeps the last of them for a while, without their elements: a cell that outlives its model gets an error by name.
void bury(std::unique_ptr<Param>) noexcept;
/// Forgets all of them: for who counts memory.
void forget_buried() noexcept;

}  // namespace unspool::core
