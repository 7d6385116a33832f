// Networks see all of the engine, and their users what the engine shows them.
#pragma once

namespace unspool::core {}
namespace unspool::nn {

using namespace core;

}  // namespace unspool::nn
