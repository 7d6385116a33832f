// ... goes at the beginning of a group.
// expect: (constant expression|consteval)
#include <unspool/autograd/call/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::core::Signature signature = "[...,m] -> [m]";
#else
inline constexpr unspool::core::Signature signature = "[m,...] -> [m]";
#endif
