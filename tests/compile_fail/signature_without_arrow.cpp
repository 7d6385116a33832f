// A signature has a result.
// expect: (constant expression|consteval)
#include <unspool/autograd/call/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::core::Signature signature = "[m,k] [k,n] -> [m,n]";
#else
inline constexpr unspool::core::Signature signature = "[m,k] [k,n]";
#endif
