// A dimension of the result is one of an operand.
// expect: (constant expression|consteval)
#include <unspool/autograd/call/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::core::Signature signature = "[m] -> [m]";
#else
inline constexpr unspool::core::Signature signature = "[m] -> [n]";
#endif
