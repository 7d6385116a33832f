// A dimension of the result is one of an operand.
// expect: (constant expression|consteval)
#include <unspool/autograd/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::Signature signature = "[m] -> [m]";
#else
inline constexpr unspool::Signature signature = "[m] -> [n]";
#endif
