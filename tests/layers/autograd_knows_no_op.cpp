// The tape and its clients cannot include an operation.
// expect: unspool/ops/ops\.hpp
#ifdef CONTROL
#include <unspool/autograd/autograd.hpp>
#else
#include <unspool/ops/ops.hpp>
#endif
