// The operations cannot include a network.
// expect: unspool/nn/nn\.hpp
#ifdef CONTROL
#include <unspool/ops/ops.hpp>
#else
#include <unspool/nn/nn.hpp>
#endif
