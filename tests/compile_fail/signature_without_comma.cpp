// Dimensions have commas between them.
// expect: (constant expression|consteval)
#include <unspool/autograd/signature.hpp>

#ifdef CONTROL
inline constexpr unspool::Signature signature = "[m,k] -> [m]";
#else
inline constexpr unspool::Signature signature = "[mk] -> [m]";
#endif
