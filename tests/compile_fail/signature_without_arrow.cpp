// A signature has a result.
// expect: (constant expression|consteval)
#include <unspool/autograd/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::Signature signature = "[m,k] [k,n] -> [m,n]";
#else
inline constexpr unspool::Signature signature = "[m,k] [k,n]";
#endif
