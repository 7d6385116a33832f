// ... goes at the beginning of a group.
// expect: (constant expression|consteval)
#include <unspool/autograd/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::Signature signature = "[...,m] -> [m]";
#else
inline constexpr unspool::Signature signature = "[m,...] -> [m]";
#endif
